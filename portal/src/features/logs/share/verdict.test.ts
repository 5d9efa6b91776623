import { expect, it } from 'vitest'
import { verdictOf } from './verdict'

const table = (name: string, reads: 'all' | 'some' | 'none') => ({ name, reads, action: 'a', scope: name })
const place = (mayQuery: boolean, ...tables: ReturnType<typeof table>[]) => ({
  name: 'logs',
  scope: '/w',
  mayQuery,
  action: 'a',
  tables,
})
const reader = (...workspaces: ReturnType<typeof place>[]) => ({ id: '1', name: 'Ann', workspaces })

it.each([
  [undefined, undefined],
  [reader(place(true, table('T', 'all'))), 'may read all of it'],
  [reader(place(false, table('T', 'none'))), 'may not query logs'],
  [reader(place(true, table('T', 'all')), place(true, table('U', 'none'))), 'may not read U'],
  [reader(place(true, table('T', 'some'))), 'sees only some rows of T'],
])('what somebody lacks', (given, word) => {
  expect(verdictOf(given)?.word).toBe(word)
})
