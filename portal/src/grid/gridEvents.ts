/** What keys and clicks in a grid mean. One listener for all cells: there are hundreds of them. */
import type { KeyboardEvent, MouseEvent } from 'react'
import type { CopyFormat } from '@/workers/result'
import { columnsOf, isWide, linesOf, moveBy, type Position, type Selection } from './keys'
import type { Cursor } from './useCursor'
import type { EditOperation } from './edits'

/** What a grid can do with the cell one stands on. */
export interface GridVerbs {
  readonly toggleDetails: (line: number) => void
  /** The row's details go to the side panel, if they are open already and there is one; false otherwise. */
  readonly pinDetails: (line: number) => boolean
  /** Hands the row to whoever uses the grid to choose one. */
  readonly pick: ((line: number) => void) | null
  readonly isGroup: (line: number) => boolean
  readonly toggleGroup: (line: number) => void
  readonly sort: (place: number, isAdding: boolean) => void
  readonly openMenu: (at: Position, anchor: Element) => void
  readonly edit: (at: Position, op: EditOperation, isImmediate: boolean) => void
  readonly copy: (format: CopyFormat) => void
  readonly find: () => void
  readonly resize: (place: number, by: number) => void
  /** The mouse came to a cell. */
  readonly hover: (at: Position, cell: HTMLElement) => void
}

export interface GridSize {
  readonly lines: number
  readonly places: number
  readonly pageLines: number
}

/** Handles a key; true if it meant something here. */
export function pressKey(
  event: KeyboardEvent,
  cursor: Cursor,
  verbs: GridVerbs,
  size: GridSize,
  hasLetters: boolean,
): boolean {
  const { active } = cursor
  if (active.line === -1 && pressHeading(event, active.column, verbs)) return true
  const extent = { lines: size.lines, columns: size.places, page: size.pageLines }
  const to = event.altKey ? null : moveBy(event, active, extent)
  if (to) {
    cursor.go(to, event.shiftKey && active.line >= 0)
    return true
  }
  if (event.key === 'F10' ? event.shiftKey : event.key === 'ContextMenu') {
    verbs.openMenu(active, event.target as Element)
    return true
  }
  return active.line === -1
    ? pressCommand(event, cursor, verbs, size)
    : pressCell(event, cursor, verbs, hasLetters) || pressCommand(event, cursor, verbs, size)
}

function pressHeading(event: KeyboardEvent, place: number, verbs: GridVerbs): boolean {
  if (place === 0) return false
  if (event.altKey && event.key === 'ArrowDown')
    verbs.openMenu({ line: -1, column: place }, event.target as Element)
  else if (event.altKey && event.key === 'ArrowRight') verbs.resize(place, 16)
  else if (event.altKey && event.key === 'ArrowLeft') verbs.resize(place, -16)
  else if (event.key === 'Enter' || event.key === ' ') verbs.sort(place, event.shiftKey)
  else return false
  return true
}

function pressCell(event: KeyboardEvent, cursor: Cursor, verbs: GridVerbs, hasLetters: boolean): boolean {
  const { active } = cursor
  if (verbs.isGroup(active.line)) {
    if (event.key !== 'Enter' && event.key !== ' ') return false
    verbs.toggleGroup(active.line)
    return true
  }
  if (event.key === 'Enter') {
    if (verbs.pick && active.column > 0) verbs.pick(active.line)
    else if (!verbs.pinDetails(active.line)) verbs.toggleDetails(active.line)
    return true
  }
  const letter = event.key.toLowerCase()
  const isBare = !event.ctrlKey && !event.metaKey && !event.shiftKey
  if (!hasLetters || !isBare || active.column === 0 || (letter !== 'f' && letter !== 'x')) return false
  verbs.edit(active, letter === 'f' ? 'filterTo' : 'filterOut', event.altKey)
  return true
}

function pressCommand(event: KeyboardEvent, cursor: Cursor, verbs: GridVerbs, size: GridSize): boolean {
  const { active } = cursor
  const isControl = event.ctrlKey || event.metaKey
  const last = size.places - 1
  const key = event.key.toLowerCase()
  if (isControl && key === 'f') verbs.find()
  else if (isControl && key === 'c') verbs.copy('text')
  else if (isControl && key === 'a') {
    cursor.select({ anchor: { line: 0, column: 1 }, end: { line: size.lines - 1, column: last } })
  } else if (key === ' ' && active.line >= 0) {
    cursor.select({ anchor: { ...active, column: 1 }, end: { ...active, column: last } })
  } else if (key === 'escape' && cursor.selection) cursor.select(null)
  else return false
  return true
}

/** Handles what the mouse does to cells and headings. */
export function pressMouse(event: MouseEvent, cursor: Cursor, verbs: GridVerbs): void {
  const target = event.target as Element
  if (target.closest('[data-details], [data-edge]')) return
  const cell = target.closest<HTMLElement>('[data-line]')
  if (!cell) return
  const at = { line: Number(cell.dataset['line']), column: Number(cell.dataset['place']) }
  if (event.type === 'contextmenu') {
    event.preventDefault()
    if (!isInside(cursor.selection, at)) cursor.go(at)
    verbs.openMenu(at, cell)
  } else if (event.type === 'click') pickWithMouse(event, at, cursor, verbs)
  else if (event.type === 'mousedown' && event.button === 0)
    pressCellWithMouse(event, at, cell, cursor, verbs)
  else if (event.type === 'mousemove' && event.buttons === 0) verbs.hover(at, cell)
  else if (event.type === 'mousemove' && isDraggedTo(event, at, cursor)) cursor.go(at, true)
}

function pressCellWithMouse(
  event: MouseEvent,
  at: Position,
  cell: Element,
  cursor: Cursor,
  verbs: GridVerbs,
): void {
  // The focus goes to the cell by our hand, and no text is marked while one drags over cells.
  event.preventDefault()
  const isMenu = (event.target as Element).closest('[data-menu]') !== null
  if (at.line === -1) {
    cursor.go(at)
    if (isMenu) verbs.openMenu(at, cell)
    else if (at.column > 0) verbs.sort(at.column, event.shiftKey)
    return
  }
  if (verbs.isGroup(at.line)) {
    cursor.go({ ...at, column: 0 })
    verbs.toggleGroup(at.line)
    return
  }
  cursor.go(at, event.shiftKey && cursor.active.line >= 0)
  if (isMenu) verbs.openMenu(at, cell)
  else if (at.column === 0) verbs.toggleDetails(at.line)
}

/** A click picks, and a drag over cells does not. */
function pickWithMouse(event: MouseEvent, at: Position, cursor: Cursor, verbs: GridVerbs): void {
  const isMenu = (event.target as Element).closest('[data-menu]') !== null
  const isCell = at.line >= 0 && at.column > 0 && !verbs.isGroup(at.line)
  const isOne = !event.shiftKey && !(cursor.selection && isWide(cursor.selection))
  if (isCell && isOne && !isMenu) verbs.pick?.(at.line)
}

function isDraggedTo({ buttons }: MouseEvent, { line, column }: Position, { active }: Cursor): boolean {
  const isElsewhere = line !== active.line || column !== active.column
  return buttons === 1 && line >= 0 && active.line >= 0 && isElsewhere
}

function isInside(selection: Selection | null, { line, column }: Position): boolean {
  if (!selection) return false
  const [firstLine, lastLine] = linesOf(selection)
  const [firstColumn, lastColumn] = columnsOf(selection)
  return line >= firstLine && line <= lastLine && column >= firstColumn && column <= lastColumn
}
