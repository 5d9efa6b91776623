import { queryOptions } from '@tanstack/react-query'
import { armList, armPost } from '@/api/arm'
import { request } from '@/api/client'

export type Dimension = 'ResourceId' | 'SubscriptionId' | 'CustomerId' | 'Meter'
export type Timeframe = 'MonthToDate' | 'TheLastMonth' | 'Last7Days'

/** What one thing cost in a period. */
export interface Cost {
  /** The value that costs were grouped by; empty for what belongs to none. */
  readonly name: string
  readonly amount: number
  /** By day, the first first. */
  readonly days: readonly number[]
  readonly currency: string
}

interface CostAnswer {
  readonly properties: {
    readonly columns: readonly { readonly name: string }[]
    readonly rows: readonly (readonly (string | number)[])[]
  }
}

/** Costs of all that the reader's tenant has, by a dimension. */
export function costsQuery(dimension: Dimension, timeframe: Timeframe) {
  return queryOptions({
    queryKey: ['usage', 'costs', dimension, timeframe],
    queryFn: async ({ signal }) => {
      const dataset = { granularity: 'Daily', grouping: [{ type: 'Dimension', name: dimension }] }
      const answer = await armPost<CostAnswer>(
        '/providers/Microsoft.CostManagement/query',
        '2023-03-01',
        { type: 'Usage', timeframe, dataset },
        { signal },
      )
      return sumCosts(answer, dimension)
    },
    staleTime: 60_000,
  })
}

/** One item for each value of the dimension, the dearest first; a day on which it cost nothing is a zero. */
export function sumCosts(
  { properties: { columns, rows } }: CostAnswer,
  dimension: Dimension,
): readonly Cost[] {
  const place = (name: string) => columns.findIndex((column) => column.name === name)
  const [cost, day, value, currency] = ['Cost', 'UsageDate', dimension, 'Currency'].map(place) as [
    number,
    number,
    number,
    number,
  ]
  const days = [...new Set(rows.map((row) => Number(row[day])))].toSorted((one, other) => one - other)
  const found = new Map<string, { days: number[]; currency: string }>()
  for (const row of rows) {
    const name = String(row[value])
    const entry = found.get(name) ?? { days: days.map(() => 0), currency: String(row[currency]) }
    entry.days[days.indexOf(Number(row[day]))]! += Number(row[cost])
    found.set(name, entry)
  }
  return [...found]
    .map(([name, entry]) => ({ name, amount: entry.days.reduce((sum, one) => sum + one, 0), ...entry }))
    .toSorted((one, other) => other.amount - one.amount)
}

/** The month's amount if its other days are like those that are over. */
export function forecast(amount: number, now: Date): number {
  const gone = (now.getTime() - Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)) / 86_400_000
  const days = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 0)).getUTCDate()
  return gone === 0 ? amount : (amount / gone) * days
}

interface DayUsage {
  readonly currentValue: number
  /** Bytes; -1 without a cap. */
  readonly limit: number
  readonly nextResetTime: string
}

/** What a workspace received since its cap was reset. */
export function dayUsageQuery(workspace: string) {
  return queryOptions({
    queryKey: ['usage', 'day', workspace],
    queryFn: async ({ signal }) => {
      const [usage] = await armList<DayUsage>(`${workspace}/usages`, '2025-07-01', signal)
      return usage ?? null
    },
    enabled: workspace !== '',
    refetchInterval: 30_000,
  })
}

export interface TableVolume {
  readonly table: string
  readonly bytes: number
}

const BY_TABLE = 'Usage | summarize Megabytes = sum(Quantity) by DataType | sort by Megabytes desc'

/** Volumes of a workspace's tables in the last 31 days, by its own `Usage` table. */
export function tableVolumesQuery(workspaceId: string | null) {
  return queryOptions({
    queryKey: ['usage', 'tables', workspaceId],
    queryFn: async ({ signal }) => {
      const answer = await request<{ tables: { rows: [string, number][] }[] }>(
        'POST',
        `/v1/workspaces/${workspaceId}/query`,
        { body: { query: BY_TABLE, timespan: 'P31D' }, signal },
      )
      return (answer.tables[0]?.rows ?? []).map(([table, megabytes]) => ({ table, bytes: megabytes * 1e6 }))
    },
    enabled: workspaceId !== null,
  })
}
