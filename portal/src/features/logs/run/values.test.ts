import { expect, test } from 'vitest'
import type { Metadata } from '../schema/metadata'
import { sourceOf } from './values'

const table = (name: string, ...columns: string[]) => ({
  id: name,
  name,
  hasData: true,
  columns: columns.map((column) => ({ name: column, type: 'string' })),
})
const METADATA: Metadata = {
  tables: [table('Perf', 'Computer', 'Host'), table('Beats', 'Computer', 'Level')],
  functions: [],
  workspaces: [],
  conflicts: [],
  refused: [],
}

test('values come from the first table of the query that has the column', () => {
  expect(sourceOf('Level', 'Perf | join Beats on Computer | where Level == ', METADATA)?.from).toBe('Beats')
  expect(sourceOf('Host', '// Beats\nlet x = "Beats"; Perf | where Host == ', METADATA)?.from).toBe('Perf')
  expect(sourceOf('Computer', 'workspace("w").Beats | where Computer == ', METADATA)?.from).toBe(
    'workspace("w").Beats',
  )
  expect(sourceOf('Made', 'Perf | extend Made = 1 | where Made == ', METADATA)).toBeNull()
  expect(sourceOf('Host', 'Perf', undefined)).toBeNull()
})
