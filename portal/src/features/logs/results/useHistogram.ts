import { useEffect, useState } from 'react'
import { resolveTimespan } from '@/lib/time'
import { canHistogram, histogramQuery, tableOfRows, type ChartTable } from '@/viz'
import { runChild } from '../run/child'
import type { RunState } from '../run/state'
import { allMatches } from './matches'

export interface HistogramState {
  readonly from: Date
  readonly to: Date
  readonly table: ChartTable | null
  readonly state: 'waiting' | 'running' | 'done' | 'error'
  readonly error: string
}

interface Answer {
  readonly key: string
  readonly table: ChartTable | null
  readonly error: string
}

/** Whether rows along time can be counted: they have a time, nothing adds them up, and the range is known. */
export function isHistogramOf(run: RunState): boolean {
  const columns = run.tables[run.shown]?.columns
  return columns !== undefined && run.timespan !== null && canHistogram(columns, run.query)
}

/**
 * Counts all that matches along time, beside the run and after its first rows are painted: an extra must not slow the
 * answer.
 */
export function useHistogram(run: RunState, isPainted: boolean, by: string | null): HistogramState | null {
  const [answer, setAnswer] = useState<Answer | null>(null)
  const isPossible = isHistogramOf(run)
  const key = `${run.id} ${by}`
  const starts = isPossible && isPainted

  useEffect(() => {
    if (!starts || run.timespan === null || run.startedAt === null) return
    const gone = new AbortController()
    const { from, to } = resolveTimespan(run.timespan, run.startedAt)
    if (!from) return
    const { query } = histogramQuery(allMatches(run.query), { from, to, by })
    runChild(run, { query, purpose: 'histogram' }, gone.signal).then(
      ({ columns, rows }) => setAnswer({ key, table: tableOfRows(columns, rows), error: '' }),
      (failure: unknown) => {
        if (!gone.signal.aborted) setAnswer({ key, table: null, error: String((failure as Error).message) })
      },
    )
    return () => gone.abort()
    // The run as it was when its rows were painted: what it says of itself later changes no bar.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [starts, key])

  if (!isPossible || run.timespan === null || run.startedAt === null) return null
  const { from, to } = resolveTimespan(run.timespan, run.startedAt)
  if (!from) return null
  const own = answer?.key === key ? answer : null
  const state = own?.error ? 'error' : own ? 'done' : isPainted ? 'running' : 'waiting'
  return { from, to, table: own?.table ?? null, state, error: own?.error ?? '' }
}
