import { expect, test } from 'vitest'
import type { ResultColumn } from '@/workers/result'
import { placeColumns } from './cells'
import {
  filterColumn,
  hide,
  move,
  PLAIN_LAYOUT,
  resize,
  show,
  shownColumns,
  toggleGroup,
  togglePin,
  toggleSort,
} from './layout'

const COLUMNS: ResultColumn[] = [
  { name: 'TimeGenerated', type: 'datetime' },
  { name: 'Computer', type: 'string' },
  { name: 'Bytes', type: 'long' },
]

function names(layout = PLAIN_LAYOUT): string[] {
  return shownColumns(COLUMNS, layout, new Map()).map(({ name }) => name)
}

test('a heading sorts ascending, then descending, then not', () => {
  const once = toggleSort(PLAIN_LAYOUT, 'Bytes', false)
  const twice = toggleSort(once, 'Bytes', false)
  expect(once.sort).toEqual([{ column: 'Bytes', descending: false }])
  expect(twice.sort).toEqual([{ column: 'Bytes', descending: true }])
  expect(toggleSort(twice, 'Bytes', false).sort).toEqual([])
  expect(toggleSort(once, 'Computer', false).sort).toEqual([{ column: 'Computer', descending: false }])
})

test('with shift a heading adds its column to the sort', () => {
  const two = toggleSort(toggleSort(PLAIN_LAYOUT, 'Computer', true), 'Bytes', true)
  expect(two.sort.map(({ column }) => column)).toEqual(['Computer', 'Bytes'])
  const turned = toggleSort(two, 'Computer', true)
  expect(turned.sort[0]).toEqual({ column: 'Computer', descending: true })
  expect(toggleSort(turned, 'Computer', true).sort.map(({ column }) => column)).toEqual(['Bytes'])
})

test('columns are hidden, shown, pinned and moved', () => {
  expect(names(hide(PLAIN_LAYOUT, ['Computer']))).toEqual(['TimeGenerated', 'Bytes'])
  expect(names(show(hide(PLAIN_LAYOUT, ['Computer', 'Bytes']), ['Bytes']))).toEqual([
    'TimeGenerated',
    'Bytes',
  ])
  expect(names(togglePin(PLAIN_LAYOUT, 'Bytes'))).toEqual(['Bytes', 'TimeGenerated', 'Computer'])
  const shown = shownColumns(COLUMNS, PLAIN_LAYOUT, new Map())
  expect(names(move(PLAIN_LAYOUT, shown, 'Bytes', -1))).toEqual(['TimeGenerated', 'Bytes', 'Computer'])
  expect(move(PLAIN_LAYOUT, shown, 'TimeGenerated', -1)).toBe(PLAIN_LAYOUT)
})

test('a width has bounds, and pinned columns stand first', () => {
  const layout = togglePin(resize(PLAIN_LAYOUT, 'Bytes', 3), 'Bytes')
  const placing = placeColumns(shownColumns(COLUMNS, layout, new Map([['Computer', 100]])))
  expect(placing.pinned.map(({ column }) => column.width)).toEqual([56])
  expect(placing.others.map(({ left, place }) => [left, place])).toEqual([
    [placing.pinnedWidth, 2],
    [placing.pinnedWidth + 196, 3],
  ])
  expect(placing.width).toBe(placing.pinnedWidth + 196 + 100)
})

test('a column has one filter', () => {
  const first = filterColumn(PLAIN_LAYOUT, 'Computer', { column: 'Computer', op: 'contains', text: 'a' })
  const second = filterColumn(first, 'Computer', { column: 'Computer', op: 'in', values: ['b'] })
  expect(second.filters).toHaveLength(1)
  expect(filterColumn(second, 'Computer', null).filters).toEqual([])
})

test('groups open and close by their value, null among them', () => {
  const open = toggleGroup(toggleGroup(PLAIN_LAYOUT, null), 'a')
  expect(open.open).toEqual([null, 'a'])
  expect(toggleGroup(open, null).open).toEqual(['a'])
})
