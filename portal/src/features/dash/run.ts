/** Running the queries of a dashboard: at most four at a time, and equal ones once. */

import { ApiError, request, send } from '@/api/client'
import { openEvents } from '@/api/sse'
import { addressOf } from '@/api/tenant'
import { CHART_ROWS, type ChartTable } from '@/viz'
import { errorOf, openResult, type Result } from '@/workers/result'
import { Turns } from './turns'

export interface Question {
  readonly query: string
  readonly workspaces: readonly string[]
  readonly timespan: string
}

export interface Outcome {
  readonly table: ChartTable
  /** The same rows in the worker, for the grid. `freeDropped` closes it. */
  readonly result: Result
  readonly render: Readonly<Record<string, unknown>> | null
  readonly at: Date
  readonly elapsedSeconds: number
  readonly rowsRead: number
  readonly cpuSeconds: number | null
  /** Why rows are missing; empty where none are. */
  readonly warning: string
}

interface Done {
  readonly statistics?: { elapsedSeconds?: number; rowsRead?: number; cpuSeconds?: number | null }
  readonly render?: Record<string, unknown> | null
  readonly isTruncated?: boolean
  readonly error?: {
    code?: string
    message?: string
    innererror?: { message?: string; innererror?: { message?: string } }
  } | null
  readonly warnings?: readonly (string | { message: string })[]
}

/** More would crowd out the queries of everybody else. */
const AT_ONCE = 4
const turns = new Turns(AT_ONCE)

/** Asks the question and reads its rows; cancels the run where the signal says so. Raises `ApiError`. */
export function ask(question: Question, signal: AbortSignal, isRefresh: boolean): Promise<Outcome> {
  return turns.take(async () => {
    signal.throwIfAborted()
    const { query, workspaces, timespan } = question
    // What nobody asked for by hand must not keep the session alive.
    const by = { isBackground: isRefresh }
    const body = { query, workspaces, purpose: 'dashboard', ...(timespan === '' ? {} : { timespan }) }
    const { id } = await request<{ id: string }>('POST', '/portal/api/runs', { ...by, body, signal })
    const path = `/portal/api/runs/${id}`
    const cancel = () => void send('DELETE', path, by).catch(() => undefined)
    signal.addEventListener('abort', cancel)
    try {
      const done = await waitForEnd(path, by, signal)
      const result = openResult({ url: addressOf(`${path}/result?format=arrow`) })
      try {
        const table = await readTable(result)
        signal.throwIfAborted()
        return outcomeOf(done, table, result)
      } catch (failure) {
        result.close()
        throw failure
      }
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }, signal)
}

async function waitForEnd(path: string, by: { isBackground: boolean }, signal: AbortSignal): Promise<Done> {
  let done: Done | null = null
  await openEvents(`${path}/events`, { done: (document) => (done = document as Done) }, signal, by)
  const ended = done as Done | null
  if (!ended) throw new ApiError(0, 'Unreachable', 'The query was cut off.')
  if (ended.error && !ended.isTruncated) {
    const { code = 'QueryFailed', message = '', innererror } = ended.error
    throw new ApiError(400, code, innererror?.innererror?.message ?? innererror?.message ?? message)
  }
  return ended
}

async function readTable(result: Result): Promise<ChartTable> {
  await whenComplete(result)
  const { columns, loaded } = result.state
  const rows = Math.min(loaded, CHART_ROWS)
  const values = await result.values(
    columns.map((_, index) => index),
    0,
    rows,
  )
  return {
    columns: columns.map(({ name, type }, index) => ({ name, type, values: values[index] ?? [] })),
    rowCount: rows,
  }
}

function whenComplete(result: Result): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const error = errorOf(result.state)
      if (error) reject(error)
      else if (result.state.isComplete) resolve()
      else return
      stop()
    }
    const stop = result.subscribe(look)
    look()
  })
}

function outcomeOf(done: Done, table: ChartTable, result: Result): Outcome {
  const [first] = done.warnings ?? []
  const { elapsedSeconds = 0, rowsRead = 0, cpuSeconds = null } = done.statistics ?? {}
  return {
    table,
    result,
    render: done.render ?? null,
    at: new Date(),
    elapsedSeconds,
    rowsRead,
    cpuSeconds,
    warning: first === undefined ? '' : typeof first === 'string' ? first : first.message,
  }
}
