/** Holds results away from the page: reads them, sorts, filters, counts, and hands out what is looked at. */
import { ApiError } from '@/api/client'
import { readResult } from './result/read'
import type { Failure, Reply, Request, ResultSource, ResultState } from './result/protocol'
import type { Table } from './result/table'

interface Opened {
  table: Table | null
  readonly abort: AbortController
}

/** Milliseconds between two words about new rows. */
const PAUSE = 100

const results = new Map<number, Opened>()

const tell = (reply: Reply) => postMessage(reply)

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  if (data.kind === 'open') return void open(data.result, data.source)
  if (data.kind === 'call') return answer(data)
  results.get(data.result)?.abort.abort()
  results.delete(data.result)
})

async function open(number: number, source: ResultSource): Promise<void> {
  const opened: Opened = { table: null, abort: new AbortController() }
  results.set(number, opened)
  let told = 0
  const say = (isComplete: boolean, error: Failure | null) => {
    told = performance.now()
    if (results.has(number))
      tell({ kind: 'state', result: number, state: stateOf(opened, isComplete, error) })
  }
  const onTable = (table: Table) => {
    opened.table = table
    say(false, null)
  }
  const onRows = () => {
    if (performance.now() - told > PAUSE || opened.table?.loaded === 0) say(false, null)
  }
  try {
    await readResult(source, opened.abort.signal, onTable, onRows)
    say(true, null)
  } catch (failure) {
    if (!opened.abort.signal.aborted) say(true, describe(failure))
  }
}

function stateOf(opened: Opened, isComplete: boolean, error: Failure | null): ResultState {
  const columns = opened.table?.columns.map(({ name, type }) => ({ name, type })) ?? []
  return { columns, loaded: opened.table?.loaded ?? 0, isComplete, error }
}

function describe(failure: unknown): Failure {
  if (failure instanceof ApiError) {
    const { status, code, message, correlationId } = failure
    return { status, code, message, correlationId }
  }
  const message = failure instanceof Error ? failure.message : String(failure)
  return { status: 0, code: 'ResultUnreadable', message, correlationId: '' }
}

function answer({ result, id, method, args }: Extract<Request, { kind: 'call' }>): void {
  const table = results.get(result)?.table
  if (!table) return tell({ kind: 'failure', id, message: 'The result is closed.' })
  try {
    const call = table[method] as (...given: readonly unknown[]) => unknown
    tell({ kind: 'value', id, value: call.apply(table, args as unknown[]) })
  } catch (failure) {
    tell({ kind: 'failure', id, message: failure instanceof Error ? failure.message : String(failure) })
  }
}
