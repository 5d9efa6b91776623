import { expect, test } from 'vitest'
import { newDashboard, type Item, type Place } from './document'
import { edit, startEditing, type Edit } from './editing'
import { arrange, placeItems, putItem, stepItem } from './layout'

function text(id: string, place?: Place): Item {
  return { id, kind: 'markdown', text: id, ...(place ? { grid: place } : {}) }
}

const two = [text('a', { x: 0, y: 0, w: 12, h: 4 }), text('b', { x: 0, y: 4, w: 12, h: 3 })]
const places = (items: readonly Item[]) =>
  Object.fromEntries(items.map(({ id, grid }) => [id, Object.values(grid ?? {})]))

test('items without a place follow below, side by side where they fit', () => {
  const query = (id: string): Item => ({ id, kind: 'query', query: '' })
  expect(places(placeItems([...two, query('c'), query('d'), text('e')]))).toMatchObject({
    c: [0, 7, 12, 8],
    d: [12, 7, 12, 8],
    e: [0, 15, 24, 3],
  })
})

test('what stands in the way goes below, and what can move up does', () => {
  expect(places(putItem(two, 'b', { x: 0, y: 0, w: 12, h: 3 }))).toEqual({
    a: [0, 3, 12, 4],
    b: [0, 0, 12, 3],
  })
  expect(places(putItem(two, 'a', { x: 12, y: 0, w: 12, h: 4 }))).toEqual({
    a: [12, 0, 12, 4],
    b: [0, 0, 12, 3],
  })
  expect(places(putItem(two, 'b', { x: 20, y: 50, w: 99, h: 0 }))['b']).toEqual([0, 4, 24, 1])
})

test.each([
  ['ArrowDown', false, { a: [0, 3, 12, 4], b: [0, 0, 12, 3] }],
  ['ArrowRight', false, { a: [1, 0, 12, 4], b: [0, 4, 12, 3] }],
  ['ArrowRight', true, { a: [0, 0, 13, 4], b: [0, 4, 12, 3] }],
  ['ArrowUp', true, { a: [0, 0, 12, 3], b: [0, 3, 12, 3] }],
  ['ArrowUp', false, { a: [0, 0, 12, 4], b: [0, 4, 12, 3] }],
])('%s moves, or changes the size: %s', (key, isSize, expected) => {
  expect(places(stepItem(two, 'a', key, isSize))).toEqual(expected)
})

test('a workbook has its items below each other', () => {
  const side = [text('a', { x: 0, y: 0, w: 12, h: 4 }), text('b', { x: 12, y: 0, w: 12, h: 2 })]
  expect(places(arrange(side, 'flow'))).toEqual({ a: [0, 0, 24, 4], b: [0, 4, 24, 2] })
})

test('each change can be taken back and made again; what changes nothing is none', () => {
  const start = startEditing({ ...newDashboard('X'), items: two })
  const changes: Edit[] = [
    { kind: 'step', id: 'a', key: 'ArrowUp', isSize: false },
    { kind: 'duplicate', id: 'a' },
    { kind: 'remove', id: 'b' },
    { kind: 'add', item: text('c') },
    { kind: 'parameter', parameter: { name: 'P', type: 'text' }, replaces: null },
  ]
  const done = changes.reduce(edit, start)
  expect(done.past).toHaveLength(4)
  expect(done.present.items.map(({ id }) => id)).toEqual(['a', 'item3', 'c'])
  expect(done.present.parameters.at(-1)).toEqual({ name: 'P', type: 'text' })
  const undone = done.past.reduce((state) => edit(state, { kind: 'undo' }), done)
  expect(undone.present).toEqual(start.present)
  const redone = undone.future.reduce((state) => edit(state, { kind: 'redo' }), undone)
  expect(redone.present).toEqual(done.present)
})

test('a drag moves by whole columns and rows, and is taken back as one', () => {
  const drag = (columns: number, rows: number, gesture: string) =>
    ({ kind: 'drag', id: 'a', how: 'move', columns, rows, gesture }) as const
  const start = startEditing({ ...newDashboard('X'), items: two })
  const moved = [drag(6, 0, 'one'), drag(6, 1, 'one'), drag(-1, 0, 'two')].reduce(edit, start)
  expect(places(moved.present.items)).toEqual({ a: [11, 0, 12, 4], b: [0, 4, 12, 3] })
  expect(moved.past).toHaveLength(2)
  const back = edit(moved, { kind: 'undo' })
  expect(places(back.present.items)).toEqual({ a: [12, 0, 12, 4], b: [0, 0, 12, 3] })
  expect(edit(back, { kind: 'undo' }).present).toEqual(start.present)
})
