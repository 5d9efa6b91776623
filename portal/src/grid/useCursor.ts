import { useCallback, useState } from 'react'
import type { Position, Selection } from './keys'

interface State {
  readonly active: Position
  readonly selection: Selection | null
  /** Count the times that the active cell was to be brought into sight, and to take the focus. */
  readonly showCount: number
  readonly focusCount: number
}

export interface Cursor extends State {
  /** Goes to a cell; with `isExtending` the selection stretches to it. */
  readonly go: (to: Position, isExtending?: boolean) => void
  /** Brings a cell into sight, and leaves the focus where it is. */
  readonly show: (to: Position) => void
  readonly select: (selection: Selection | null) => void
  /** Takes the focus to where the cursor is. */
  readonly focus: () => void
}

const START: State = { active: { line: -1, column: 1 }, selection: null, showCount: 0, focusCount: 0 }

/** Where the keys act, and what is selected from there. */
export function useCursor(): Cursor {
  const [state, setState] = useState(START)
  const go = useCallback((to: Position, isExtending = false) => {
    setState(({ active, selection, showCount, focusCount }) => ({
      active: to,
      selection: isExtending ? { anchor: selection?.anchor ?? active, end: to } : null,
      showCount: showCount + 1,
      focusCount: focusCount + 1,
    }))
  }, [])
  const show = useCallback((to: Position) => {
    setState((present) => ({ ...present, active: to, selection: null, showCount: present.showCount + 1 }))
  }, [])
  const select = useCallback((selection: Selection | null) => {
    setState((present) => ({ ...present, selection }))
  }, [])
  const focus = useCallback(() => {
    setState((present) => ({ ...present, focusCount: present.focusCount + 1 }))
  }, [])
  return { ...state, go, show, select, focus }
}
