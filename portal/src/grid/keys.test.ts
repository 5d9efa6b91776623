import { expect, test } from 'vitest'
import { columnsOf, linesOf, moveBy, type Position } from './keys'

const EXTENT = { lines: 100, columns: 5, page: 20 }

function press(key: string, at: Position, ctrlKey = false): Position | null {
  return moveBy({ key, ctrlKey, metaKey: false }, at, EXTENT)
}

test('arrows stop at the ends, the headings being the first line', () => {
  expect(press('ArrowUp', { line: 0, column: 2 })).toEqual({ line: -1, column: 2 })
  expect(press('ArrowUp', { line: -1, column: 2 })).toEqual({ line: -1, column: 2 })
  expect(press('ArrowDown', { line: 99, column: 2 })).toEqual({ line: 99, column: 2 })
  expect(press('ArrowLeft', { line: 3, column: 0 })).toEqual({ line: 3, column: 0 })
  expect(press('ArrowRight', { line: 3, column: 4 })).toEqual({ line: 3, column: 4 })
})

test('Home and End go along the row, with Ctrl to the corners', () => {
  expect(press('End', { line: 3, column: 1 })).toEqual({ line: 3, column: 4 })
  expect(press('Home', { line: 3, column: 1 })).toEqual({ line: 3, column: 0 })
  expect(press('End', { line: 3, column: 1 }, true)).toEqual({ line: 99, column: 4 })
  expect(press('Home', { line: 3, column: 1 }, true)).toEqual({ line: 0, column: 0 })
})

test('a page down is what one sees; a page up ends at the first row', () => {
  expect(press('PageDown', { line: 90, column: 1 })).toEqual({ line: 99, column: 1 })
  expect(press('PageUp', { line: 10, column: 1 })).toEqual({ line: 0, column: 1 })
  expect(press('a', { line: 10, column: 1 })).toBeNull()
})

test('a selection is the same from either of its corners', () => {
  const selection = { anchor: { line: 5, column: 3 }, end: { line: 2, column: 1 } }
  expect(linesOf(selection)).toEqual([2, 5])
  expect(columnsOf(selection)).toEqual([1, 3])
})
