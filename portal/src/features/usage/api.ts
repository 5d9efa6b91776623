import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { armList } from '@/api/arm'
import { ask, type Schemas } from '@/api/ask'
import { EVERY_TABLE, queryRows } from '@/api/query'

export type Dimension = 'table' | 'workspace' | 'customer' | 'cluster' | 'subscription' | 'meter'

export type Usage = Schemas['PortalUsage']

/** One value of what usage is grouped by; numbers are by day, the first day first. */
export type UsageGroup = Usage['groups'][number]

export type Forecast = NonNullable<Usage['forecast']>

export type Tier = Usage['tiers'][number]

/** What the last full days would have cost with another reservation; the cheapest first. */
export type TierOffer = Tier['offers'][number]

/** Days in UTC, the last one included. */
export interface Period {
  readonly from: string
  readonly to: string
}

/** What was received and what it costs; without a workspace, of all in the tenant. */
export function usageQuery(by: Dimension, period: Period, workspace: string) {
  return queryOptions({
    queryKey: ['usage', 'rollup', by, period, workspace],
    queryFn: ({ signal }) =>
      ask('GET /portal/api/usage', {
        query: { by, ...period, ...(workspace === '' ? {} : { workspace }) },
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
}

interface DayUsage {
  readonly currentValue: number
  /** Bytes; -1 without a cap. */
  readonly limit: number
  readonly nextResetTime: string
}

/** What a workspace received since its cap was reset, to this moment. */
export function dayUsageQuery(workspace: string) {
  return queryOptions({
    queryKey: ['usage', 'day', workspace],
    queryFn: async ({ signal }) => {
      const [usage] = await armList<DayUsage>(`${workspace}/usages`, '2025-07-01', signal)
      return usage ?? null
    },
    enabled: workspace !== '',
  })
}

export type Talker = 'Computer' | '_ResourceId'

export interface TalkerRow {
  readonly name: string
  readonly bytes: number
  readonly records: number
  readonly tables: readonly string[]
}

/** The query behind the list of those who send most; also what "Open in Logs" opens. */
export function talkersText(by: Talker): string {
  return `${EVERY_TABLE}
| where _IsBillable != "false"
| summarize Bytes = sum(_BilledSize), Records = count(), Tables = make_set(Table_, 5) by Sender = tostring(column_ifexists("${by}", ""))
| top 20 by Bytes`
}

/** Who sent most of what is charged, in a time span. */
export function talkersQuery(workspaceId: string, by: Talker, timespan: string) {
  return queryOptions({
    queryKey: ['usage', 'talkers', workspaceId, by, timespan],
    queryFn: async ({ signal }) => {
      const rows = await queryRows(workspaceId, talkersText(by), { timespan, signal })
      return rows.map(({ Sender, Bytes, Records, Tables }): TalkerRow => ({
        name: String(Sender),
        bytes: Number(Bytes),
        records: Number(Records),
        tables: JSON.parse(String(Tables)) as string[],
      }))
    },
    staleTime: 60_000,
  })
}
