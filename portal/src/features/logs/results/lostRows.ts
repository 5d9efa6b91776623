import { queryOptions, useQuery } from '@tanstack/react-query'
import { ask, type Schemas } from '@/api/ask'
import { runChild } from '../run/child'
import type { RunState } from '../run/state'

/** A query's source, an operator that may take rows away, or a condition of a `where` with what to delete to be without. */
export type Step = Schemas['KqlSteps']['steps'][number]

/** Reading more than this is left to the person. */
const CHEAP_BYTES = 2e9

function stepsQuery({ id, query }: RunState) {
  return queryOptions({
    queryKey: ['run', id, 'steps'],
    queryFn: ({ signal }) => ask('POST /portal/api/kql/steps', { body: { query }, signal }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** What a query beside the run would read; null where that can't be told before. */
function costQuery({ id, workspaces }: RunState, query: string | null, timespan: string | null) {
  return queryOptions({
    queryKey: ['run', id, 'cost', query, timespan],
    queryFn: async ({ signal }) => {
      const body = { workspaces, query: query ?? '', timespan }
      const { bytes } = await ask('POST /portal/api/kql/estimate', { body, signal })
      return bytes
    },
    enabled: query !== null,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

function rowsQuery(run: RunState, query: string | null, timespan: string | null, isWanted: boolean) {
  return queryOptions({
    queryKey: ['run', run.id, 'beside', query, timespan],
    queryFn: ({ signal }) => runChild(run, { query: query ?? '', purpose: 'field', timespan }, signal),
    enabled: query !== null && isWanted,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export interface CountedSteps {
  readonly steps: readonly Step[]
  /** Rows after each step, as far as they are known. */
  readonly rows: readonly number[] | null
  /** Bytes that the counting would read, where it waits for a yes: null where that can't be told. */
  readonly waitsFor: { readonly bytes: number | null } | null
  readonly isCounting: boolean
  readonly error: unknown
}

/** Rows left after each step of a run's query: counted at once where that is cheap, else when `isAsked`. */
export function useCountedSteps(run: RunState, isAsked: boolean): CountedSteps {
  const found = useQuery(stepsQuery(run))
  const counting = found.data?.counting ?? null
  const cost = useQuery(costQuery(run, counting, run.timespan))
  const isCheap = typeof cost.data === 'number' && cost.data <= CHEAP_BYTES
  const counted = useQuery(rowsQuery(run, counting, run.timespan, isCheap || isAsked))
  const isHeld = (cost.isSuccess || cost.isError) && !isCheap && !isAsked
  return {
    steps: found.data?.steps ?? [],
    rows: counted.data ? rowsOf(counted.data) : null,
    waitsFor: isHeld ? { bytes: cost.data ?? null } : null,
    isCounting: counted.isFetching,
    error: found.error ?? counted.error,
  }
}

/** When the query's source had its last record, whatever the range; undefined while unknown, null for never. */
export function useLatest(run: RunState): Date | null | undefined {
  const { data } = useQuery(stepsQuery(run))
  const query = data?.latest ?? null
  const cost = useQuery(costQuery(run, query, null))
  const isCheap = typeof cost.data === 'number' && cost.data <= CHEAP_BYTES
  const found = useQuery(rowsQuery(run, query, null, isCheap))
  if (!found.data) return undefined
  const at = found.data.rows[0]?.[0]
  return typeof at === 'string' ? new Date(at) : null
}

function rowsOf({
  columns,
  rows,
}: {
  readonly columns: readonly { readonly name: string }[]
  readonly rows: readonly (readonly unknown[])[]
}): number[] {
  const place = (name: string) => columns.findIndex((column) => column.name === name)
  const counts: number[] = []
  for (const row of rows) counts[Number(row[place('Step')])] = Number(row[place('Rows')])
  return counts
}
