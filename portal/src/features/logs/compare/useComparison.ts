import { useQuery } from '@tanstack/react-query'
import { runChild, runChildTables } from '../run/child'
import type { Comparison } from './comparison'
import { rank, type Difference, type ValueCount } from './differences'
import { choose, comparable, countsQuery, distinctQuery } from './questions'

export interface Compared {
  readonly differences: readonly Difference[]
  /** Columns that were looked at and are left out: one value only, or too many. */
  readonly leftOut: readonly string[]
}

/** Compares beside the run that is shown: first which columns have few values, then how these are spread. */
export function useComparison({ run, part, timespan }: Comparison) {
  return useQuery({
    queryKey: ['run', run.id, 'comparison', part.from.getTime(), part.to.getTime(), timespan],
    queryFn: async ({ signal }): Promise<Compared> => {
      const columns = comparable(run.tables[run.shown]?.columns ?? [])
      const beside = { purpose: 'field', timespan: timespan === '' ? null : timespan } as const
      if (columns.length === 0) return { differences: [], leftOut: [] }
      const distinct = await runChild(run, { ...beside, query: distinctQuery(run.query, columns) }, signal)
      const chosen = choose(columns, distinct.rows[0] ?? [])
      const leftOut = columns.filter((column) => !chosen.includes(column)).map(({ name }) => name)
      if (chosen.length === 0) return { differences: [], leftOut }
      const query = countsQuery(run.query, part, chosen)
      const tables = await runChildTables(run, { ...beside, query }, signal)
      const compared = chosen.map((column, index) => ({ column, counts: countsOf(tables[index]) }))
      return { differences: rank(compared), leftOut }
    },
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

type Table = Awaited<ReturnType<typeof runChild>>

function countsOf(table: Table | undefined): ValueCount[] {
  if (!table) return []
  const place = (name: string) => table.columns.findIndex((column) => column.name === name)
  const [value, picked, rest] = [place('Value'), place('Picked'), place('Rest')]
  return table.rows.map((row) => ({
    value: String(row[value] ?? ''),
    picked: Number(row[picked]),
    rest: Number(row[rest]),
  }))
}
