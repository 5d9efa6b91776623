/** Where the keys lead in a grid: line -1 is the headings, column 0 the rows' handles. */

export interface Position {
  readonly line: number
  readonly column: number
}

export interface Extent {
  readonly lines: number
  /** Columns, the handles among them. */
  readonly columns: number
  /** Lines that a page of the screen holds. */
  readonly page: number
}

export interface Press {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
}

/** The position that a key leads to; `null` for keys that move nothing. */
export function moveBy(press: Press, at: Position, extent: Extent): Position | null {
  const to = target(press, at, extent)
  return to && clamp(to, extent)
}

export function clamp({ line, column }: Position, { lines, columns }: Extent): Position {
  return {
    line: Math.min(Math.max(line, -1), lines - 1),
    column: Math.min(Math.max(column, 0), columns - 1),
  }
}

function target({ key, ctrlKey, metaKey }: Press, at: Position, extent: Extent): Position | null {
  const isFar = ctrlKey || metaKey
  const lastLine = extent.lines - 1
  const lastColumn = extent.columns - 1
  switch (key) {
    case 'ArrowDown':
      return { ...at, line: isFar ? lastLine : at.line + 1 }
    case 'ArrowUp':
      return { ...at, line: isFar ? Math.min(at.line, 0) : at.line - 1 }
    case 'ArrowRight':
      return { ...at, column: isFar ? lastColumn : at.column + 1 }
    case 'ArrowLeft':
      return { ...at, column: isFar ? 0 : at.column - 1 }
    case 'Home':
      return isFar ? { line: 0, column: 0 } : { ...at, column: 0 }
    case 'End':
      return isFar ? { line: lastLine, column: lastColumn } : { ...at, column: lastColumn }
    case 'PageDown':
      return { ...at, line: at.line + extent.page }
    case 'PageUp':
      return { ...at, line: Math.max(at.line - extent.page, Math.min(at.line, 0)) }
    default:
      return null
  }
}

/** A rectangle between two positions, lines and columns included. */
export interface Selection {
  readonly anchor: Position
  readonly end: Position
}

export function linesOf({ anchor, end }: Selection): readonly [number, number] {
  return [Math.max(Math.min(anchor.line, end.line), 0), Math.max(anchor.line, end.line)]
}

export function columnsOf({ anchor, end }: Selection): readonly [number, number] {
  return [Math.min(anchor.column, end.column), Math.max(anchor.column, end.column)]
}

/** Whether a selection is more than the cell one stands on. */
export function isWide({ anchor, end }: Selection): boolean {
  return anchor.line !== end.line || anchor.column !== end.column
}
