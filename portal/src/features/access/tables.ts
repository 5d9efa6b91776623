/** Tables of a workspace and their columns, for choosing. */

import { queryOptions } from '@tanstack/react-query'
import { armGet, armList, type Resource } from '@/api/arm'

const VERSION = '2025-07-01'

export interface Column {
  readonly name: string
  readonly type: string
}

type Table = Resource<{
  readonly schema: { readonly columns: readonly Column[]; readonly standardColumns: readonly Column[] }
}>

export function tableNamesQuery(workspace: string) {
  return queryOptions({
    queryKey: ['access', 'tables', workspace],
    queryFn: async ({ signal }) =>
      (await armList<Table>(`${workspace}/tables`, VERSION, signal)).map((table) => table.name),
    enabled: workspace !== '',
    staleTime: 60_000,
  })
}

/** The columns of a table; where none is named, those that every table has and records are told apart by. */
export function columnsQuery(workspace: string, table: string) {
  return queryOptions({
    queryKey: ['access', 'columns', workspace, table],
    queryFn: async ({ signal }) => {
      const { properties } = await armGet<Table>(`${workspace}/tables/${table}`, VERSION, signal)
      const { columns, standardColumns } = properties.schema
      const known = new Map(
        [...EVERYWHERE, ...standardColumns, ...columns].map((column) => [column.name, column]),
      )
      return [...known.values()].toSorted((one, other) => one.name.localeCompare(other.name))
    },
    enabled: workspace !== '' && table !== '',
    staleTime: 60_000,
  })
}

/** Stamped on every record by the service. */
export const EVERYWHERE: readonly Column[] = [
  { name: '_CustomerId', type: 'string' },
  { name: '_ResourceId', type: 'string' },
  { name: 'TimeGenerated', type: 'datetime' },
]
