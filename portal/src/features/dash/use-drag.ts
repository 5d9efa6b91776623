import type { PointerEvent } from 'react'
import { COLUMNS } from './document'

export type DragKind = 'move' | 'resize'

/** Pixels of a row of the grid, with the gap below it. */
const ROW = 40

export type OnDrag = (columns: number, rows: number, gesture: string) => void

/**
 * Follows a drag that begins on the element, and tells how many columns and rows it has gone each time that changes;
 * `gesture` is the same from its begin to its end.
 */
export function useDrag(onMove: OnDrag) {
  return (event: PointerEvent<HTMLElement>) => {
    const grid = event.currentTarget.closest('[data-grid]')
    if (!grid || event.button !== 0) return
    event.preventDefault()
    event.currentTarget.focus()
    const column = grid.getBoundingClientRect().width / COLUMNS
    const from = { x: event.clientX, y: event.clientY }
    const gesture = crypto.randomUUID()
    let told = { columns: 0, rows: 0 }
    const move = (at: globalThis.PointerEvent) => {
      const next = {
        columns: Math.round((at.clientX - from.x) / column),
        rows: Math.round((at.clientY - from.y) / ROW),
      }
      if (next.columns === told.columns && next.rows === told.rows) return
      onMove(next.columns - told.columns, next.rows - told.rows, gesture)
      told = next
    }
    const stop = () => {
      window.removeEventListener('pointermove', move)
      window.removeEventListener('pointerup', stop)
      window.removeEventListener('pointercancel', stop)
    }
    window.addEventListener('pointermove', move)
    window.addEventListener('pointerup', stop)
    window.addEventListener('pointercancel', stop)
  }
}
