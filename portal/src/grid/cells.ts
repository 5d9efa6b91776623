/** Where the columns of a grid stand. */
import type { ShownColumn } from './layout'

export const HANDLE_WIDTH = 48

/** A column at its place: 0 is the rows' handle, so the first column has 1. */
export interface PlacedColumn {
  readonly column: ShownColumn
  readonly place: number
  readonly left: number
}

export interface Placing {
  readonly pinned: readonly PlacedColumn[]
  readonly others: readonly PlacedColumn[]
  /** Width of the handle and the pinned columns. */
  readonly pinnedWidth: number
  readonly width: number
}

export function placeColumns(shown: readonly ShownColumn[]): Placing {
  const pinned: PlacedColumn[] = []
  const others: PlacedColumn[] = []
  let left = HANDLE_WIDTH
  let pinnedWidth = HANDLE_WIDTH
  for (const [index, column] of shown.entries()) {
    const placed = { column, place: index + 1, left }
    if (column.isPinned) pinned.push(placed)
    else others.push(placed)
    left += column.width
    if (column.isPinned) pinnedWidth = left
  }
  return { pinned, others, pinnedWidth, width: left }
}
