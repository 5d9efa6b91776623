import { describe, expect, it } from 'vitest'
import type { Metadata } from './metadata'
import { queryName, searchSchema } from './search'

const table = (name: string, columns: string[], hasData = true) => ({
  id: name,
  name,
  hasData,
  columns: columns.map((column) => ({ name: column, type: 'string' })),
})
const METADATA: Metadata = {
  tables: [
    table('Perf', ['Computer', 'Host']),
    table('Heartbeat', ['Computer']),
    table('HostLog_CL', ['X'], false),
  ],
  functions: [{ id: 'f', name: 'HostErrors', body: '' }],
  workspaces: [],
  conflicts: [],
  refused: [],
}

describe('a search in the schema', () => {
  it('finds everything without words', () => {
    expect(searchSchema(METADATA, ' ').tables).toHaveLength(3)
  })

  it('finds tables by name before tables by column', () => {
    const { tables, functions } = searchSchema(METADATA, 'host')
    expect(tables.map((found) => [found.table.name, found.isOpened])).toEqual([
      ['HostLog_CL', false],
      ['Perf', true],
    ])
    expect(tables[1]!.columns.map((column) => column.name)).toEqual(['Host'])
    expect(functions).toHaveLength(1)
  })
})

it.each([
  ['Perf', 'Perf'],
  ['my table', "['my table']"],
  ["it's", "['it\\'s']"],
])('writes the name %s as %s', (name, written) => {
  expect(queryName(name)).toBe(written)
})
