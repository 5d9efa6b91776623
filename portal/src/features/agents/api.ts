import { queryOptions } from '@tanstack/react-query'
import { armList, type Resource } from '@/api/arm'
import { ApiError } from '@/api/client'
import { EVERY_TABLE, queryRows, type Row } from '@/api/query'
import { quote } from '@/lib/kql-literal'

export type AgentState = 'ok' | 'late' | 'silent'

/** A computer that sent heartbeats. */
export interface Agent {
  readonly computer: string
  readonly system: string
  readonly version: string
  readonly category: string
  readonly environment: string
  readonly address: string
  /** The Azure resource that it is; empty for a machine that is none. */
  readonly resourceId: string
  readonly lastAt: string
  readonly state: AgentState
  /** Seconds from the last heartbeat's own time to its arrival; null where that is not known. */
  readonly lagSeconds: number | null
}

const POLL_MILLISECONDS = 30_000
/** As the health of a workspace has it: a heartbeat comes each minute. */
const LATE_SECONDS = 10 * 60
const SILENT_SECONDS = 60 * 60

// The age is counted by the server's clock: the browser's may be wrong.
const AGENTS = `Heartbeat
| extend Lag = (ingestion_time() - TimeGenerated) / 1s
| summarize arg_max(TimeGenerated, Lag, OSType, OSName, OSMajorVersion, Version, Category, ComputerEnvironment,
    ComputerIP, _ResourceId) by Computer
| extend Age = (now() - TimeGenerated) / 1s
| sort by Computer asc`

/** The computers whose heartbeats came in a range. */
export function agentsQuery(workspaceId: string | null, timespan: string) {
  return queryOptions({
    queryKey: ['agents', workspaceId, timespan],
    queryFn: async ({ signal }) => {
      const rows = await queryRows(workspaceId ?? '', AGENTS, { timespan, signal, isBackground: true })
      return rows.map(agentOf)
    },
    enabled: workspaceId !== null,
    refetchInterval: POLL_MILLISECONDS,
  })
}

export function agentOf(row: Row): Agent {
  const text = (name: string) => String(row[name] ?? '')
  const lag = Number(row['Lag'] ?? Number.NaN)
  return {
    computer: text('Computer'),
    system: [text('OSName') || text('OSType'), text('OSMajorVersion')]
      .filter((part) => part !== '')
      .join(' '),
    version: text('Version'),
    category: text('Category'),
    environment: text('ComputerEnvironment'),
    address: text('ComputerIP'),
    resourceId: text('_ResourceId'),
    lastAt: text('TimeGenerated'),
    state: stateOf(Number(row['Age'])),
    lagSeconds: Number.isFinite(lag) ? Math.max(lag, 0) : null,
  }
}

function stateOf(ageSeconds: number): AgentState {
  return ageSeconds < LATE_SECONDS ? 'ok' : ageSeconds < SILENT_SECONDS ? 'late' : 'silent'
}

const RECORDS = `${EVERY_TABLE}
| extend Computer_ = tostring(column_ifexists("Computer", ""))
| where isnotempty(Computer_)
| summarize Records = count() by Computer_`

/** How many records each computer sent in the last hour, whatever their table. */
export function recordsQuery(workspaceId: string | null) {
  return queryOptions({
    queryKey: ['agents', 'records', workspaceId],
    queryFn: async ({ signal }) => {
      const options = { timespan: 'PT1H', signal, isBackground: true }
      const rows = await queryRows(workspaceId ?? '', RECORDS, options)
      return new Map(rows.map((row) => [String(row['Computer_']), Number(row['Records'])]))
    },
    enabled: workspaceId !== null,
    staleTime: POLL_MILLISECONDS,
  })
}

export interface Sent {
  readonly table: string
  readonly records: number
  readonly lastAt: string
}

/** What one computer sent in the last day, by table. */
export function sentQuery(workspaceId: string, computer: string) {
  const query = `${EVERY_TABLE}
| where tostring(column_ifexists("Computer", "")) == ${quote(computer)}
| summarize Records = count(), Last = max(TimeGenerated) by Table_
| sort by Table_ asc`
  return queryOptions({
    queryKey: ['agents', 'sent', workspaceId, computer],
    queryFn: async ({ signal }) => {
      const rows = await queryRows(workspaceId, query, { timespan: 'P1D', signal })
      return rows.map((row): Sent => {
        return { table: String(row['Table_']), records: Number(row['Records']), lastAt: String(row['Last']) }
      })
    },
  })
}

/** The last records of a computer in a table, to be looked at in Logs. */
export function recordsOf(table: string, computer: string): string {
  const name = /^\w+$/.test(table) ? table : `['${table}']`
  return `${name}\n| where Computer == ${quote(computer)}\n| sort by TimeGenerated desc`
}

export type Association = Resource<{
  readonly dataCollectionRuleId?: string
  readonly dataCollectionEndpointId?: string
}>

/** The data collection rules that a resource goes by. A resource that Kelp does not keep has none here. */
export function associationsQuery(resourceId: string) {
  return queryOptions({
    queryKey: ['agents', 'associations', resourceId],
    queryFn: ({ signal }) =>
      armList<Association>(
        `${resourceId}/providers/Microsoft.Insights/dataCollectionRuleAssociations`,
        '2023-03-11',
        signal,
      ).catch((failure: unknown): Association[] => {
        if (failure instanceof ApiError && failure.status === 404) return []
        throw failure
      }),
    enabled: resourceId !== '',
  })
}
