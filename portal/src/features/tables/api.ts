import { queryOptions } from '@tanstack/react-query'
import { armDelete, armList, armPatch, armPut, type Resource } from '@/api/arm'
import { queryRows } from '@/api/query'

const VERSION = '2025-07-01'

export interface Column {
  readonly name: string
  readonly type: string
  readonly description?: string
}

export type Plan = 'Analytics' | 'Basic' | 'Auxiliary'

export type Table = Resource<{
  readonly plan: Plan
  /** Absent for restored logs, which stay until their table is deleted. */
  readonly retentionInDays?: number
  readonly retentionInDaysAsDefault?: boolean
  readonly totalRetentionInDays?: number
  readonly totalRetentionInDaysAsDefault?: boolean
  readonly provisioningState: string
  readonly schema: {
    readonly tableType: string
    readonly description: string
    readonly columns: readonly Column[]
    readonly standardColumns: readonly Column[]
  }
}>

/** What a table received in the last seven days. */
export interface Volume {
  readonly megabytes: number
  readonly lastAt: string
}

export function tablesQuery(workspace: string) {
  return queryOptions({
    queryKey: ['tables', workspace],
    queryFn: ({ signal }) => armList<Table>(`${workspace}/tables`, VERSION, signal),
    enabled: workspace !== '',
  })
}

const VOLUMES =
  'union withsource=From * | summarize Size = sum(_BilledSize), Last = max(TimeGenerated) by From'

/** Volumes by table, of the tables that the reader may query. */
export function volumesQuery(workspaceId: string | null) {
  return queryOptions({
    queryKey: ['tables', 'volumes', workspaceId],
    queryFn: async ({ signal }) => {
      const rows = await queryRows(workspaceId ?? '', VOLUMES, { timespan: 'P7D', signal })
      return new Map(
        rows.map(({ From, Size, Last }): [string, Volume] => [
          String(From),
          { megabytes: Number(Size) / 1e6, lastAt: String(Last) },
        ]),
      )
    },
    enabled: workspaceId !== null,
    staleTime: 30_000,
  })
}

export interface TableSettings {
  readonly plan: Plan
  /** Days; null takes the workspace's. */
  readonly retentionInDays: number | null
  readonly totalRetentionInDays: number | null
}

export function changeSettings(table: Table, { plan, ...retention }: TableSettings): Promise<Table> {
  const { retentionInDays, totalRetentionInDays } = retention
  const properties = {
    plan,
    retentionInDays: retentionInDays ?? -1,
    totalRetentionInDays: totalRetentionInDays ?? -1,
  }
  return armPatch<Table>(table.id, VERSION, { properties }, { etag: table.etag })
}

/** A table's own columns are written as a whole: those there are, and the new one. */
export function addColumn(table: Table, column: Column): Promise<Table> {
  const { name } = table
  const columns = [...table.properties.schema.columns, column]
  return armPatch<Table>(
    table.id,
    VERSION,
    { properties: { schema: { name, columns } } },
    { etag: table.etag },
  )
}

export function createTable(workspace: string, name: string, columns: readonly Column[]): Promise<Table> {
  const path = `${workspace}/tables/${encodeURIComponent(name)}`
  return armPut<Table>(path, VERSION, { properties: { schema: { name, columns } } })
}

export function deleteTable(table: Table): Promise<void> {
  return armDelete(table.id, VERSION)
}

export interface Reading {
  readonly table: Table
  readonly target: string
  /** ISO 8601 instants. */
  readonly from: string
  readonly to: string
  /** A query for a search job; null restores all rows of the range. */
  readonly query: string | null
}

/** Resolves when the rows are in the new table. */
export function readArchive({ table, target, from, to, query }: Reading): Promise<Resource> {
  const path = table.id.replace(/[^/]+$/, encodeURIComponent(target))
  return armPut(path, VERSION, {
    properties:
      query === null
        ? { restoredLogs: { sourceTable: table.name, startRestoreTime: from, endRestoreTime: to } }
        : { searchResults: { query, startSearchTime: from, endSearchTime: to } },
  })
}
