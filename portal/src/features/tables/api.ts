import { queryOptions } from '@tanstack/react-query'
import { armDelete, armList, armPatch, armPost, armPut, type Resource } from '@/api/arm'
import { request } from '@/api/client'
import { EVERY_TABLE, queryRows } from '@/api/query'

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
  /** When the plan was changed last; it can be once a week. */
  readonly lastPlanModifiedDate?: string
  /** Of a search job or a restore: how far it is, in percent, and what it read. */
  readonly resultStatistics?: {
    readonly progress: number
    readonly ingestedRecords: number
    readonly scannedGb: number
  }
  readonly searchResults?: ReadingOrder & { readonly query: string }
  readonly restoredLogs?: ReadingOrder
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
  /** Records a second in the last five minutes. */
  readonly rate: number
}

interface ReadingOrder {
  readonly sourceTable?: string
  readonly startSearchTime?: string
  readonly endSearchTime?: string
  readonly startRestoreTime?: string
  readonly endRestoreTime?: string
}

/** Pages that show how far a search job or a restore is ask so often. */
const PROGRESS_MILLISECONDS = 2_000

export function isReading(table: Table): boolean {
  return (
    table.properties.provisioningState === 'InProgress' || table.properties.provisioningState === 'Updating'
  )
}

/** One table, asked again while rows are read into it. */
export function tableQuery(table: Table) {
  return queryOptions({
    queryKey: ['tables', 'one', table.id],
    queryFn: ({ signal }) =>
      request<Table>('GET', table.id, { query: { 'api-version': VERSION }, signal, isBackground: true }),
    refetchInterval: ({ state }) => (state.data && !isReading(state.data) ? false : PROGRESS_MILLISECONDS),
  })
}

/** Stops a search job; the rows found so far stay. */
export function cancelSearch(table: Table): Promise<void> {
  return armPost<void>(`${table.id}/cancelSearch`, VERSION)
}

interface Received {
  readonly groups: readonly { readonly id: string; readonly bytes: readonly number[] | null }[]
}

/** The longest period that one answer about usage covers. */
const LOOKED_BACK_DAYS = 365
const DAY_MILLISECONDS = 86_400_000

/** What a table received, as it is billed, in the year before its last `days`. */
export function olderBytesQuery(workspaceId: string, table: string, days: number) {
  const day = (ago: number) => new Date(Date.now() - ago * DAY_MILLISECONDS).toISOString().slice(0, 10)
  return queryOptions({
    queryKey: ['tables', 'older', workspaceId, table, days],
    queryFn: async ({ signal }) => {
      const query = { by: 'table', workspace: workspaceId, from: day(days + LOOKED_BACK_DAYS), to: day(days) }
      const { groups } = await request<Received>('GET', '/portal/api/usage', { query, signal })
      const own = groups.find((group) => group.id === table)
      return own?.bytes?.reduce((sum, bytes) => sum + bytes, 0) ?? 0
    },
  })
}

export function tablesQuery(workspace: string) {
  return queryOptions({
    queryKey: ['tables', workspace],
    queryFn: ({ signal }) => armList<Table>(`${workspace}/tables`, VERSION, signal),
    enabled: workspace !== '',
  })
}

/** The time over which the rate of records is told. */
const RATE_SECONDS = 300

const VOLUMES = `${EVERY_TABLE}
| summarize Size = sum(_BilledSize), Last = max(TimeGenerated), Recent = countif(ingestion_time() > ago(5m)) by Table_`

/** Volumes by table, of the tables that the reader may query. */
export function volumesQuery(workspaceId: string | null) {
  return queryOptions({
    queryKey: ['tables', 'volumes', workspaceId],
    queryFn: async ({ signal }) => {
      const rows = await queryRows(workspaceId ?? '', VOLUMES, { timespan: 'P7D', signal })
      return new Map(
        rows.map(({ Table_, Size, Last, Recent }): [string, Volume] => [
          String(Table_),
          { megabytes: Number(Size) / 1e6, lastAt: String(Last), rate: Number(Recent) / RATE_SECONDS },
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

/** A table's own columns are written as a whole. */
export function writeColumns(table: Table, columns: readonly Column[]): Promise<Table> {
  const { name } = table
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
