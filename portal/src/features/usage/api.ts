import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { armList } from '@/api/arm'
import { request } from '@/api/client'
import { EVERY_TABLE, queryRows } from '@/api/query'

export type Dimension = 'table' | 'workspace' | 'customer' | 'cluster' | 'subscription' | 'meter'

/** One value of what usage is grouped by; numbers are by day, the first day first. */
export interface UsageGroup {
  /** Empty for what has no value of the dimension. */
  readonly id: string
  /** `meter` by table: no table caused it. `others`: the name is how many they are. */
  readonly kind: Dimension | 'others'
  readonly name: string
  /** Null for meters, which are no volumes. */
  readonly bytes: readonly number[] | null
  /** Null for who may not see costs. */
  readonly amounts: readonly number[] | null
}

export interface Forecast {
  readonly amount: number
  readonly spent: number
  readonly dailyAverage: number
  readonly averagedDays: number
  readonly daysLeft: number
}

/** What the last full days would have cost with another reservation; null: with none. */
export interface TierOffer {
  readonly reservedGb: number | null
  readonly amount: number
}

export interface Tier {
  readonly resourceId: string
  readonly name: string
  readonly kind: 'workspace' | 'cluster'
  readonly sku: string
  readonly reservedGb: number | null
  readonly amount: number
  readonly days: number
  readonly dailyBytes: number
  /** The cheapest first. */
  readonly offers: readonly TierOffer[]
}

export interface Usage {
  readonly currency: string
  readonly pricesAreSet: boolean
  readonly measuredUntil: string | null
  readonly days: readonly string[]
  readonly groups: readonly UsageGroup[]
  readonly capBytes: number | null
  readonly capped: number
  readonly workspaces: number
  readonly unpriced: number
  readonly resetHour: number
  readonly forecast: Forecast | null
  readonly tiers: readonly Tier[]
}

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
      request<Usage>('GET', '/portal/api/usage', {
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
