/** The page's side of results: each one lives in the worker; here are its state and the questions to it. */
import { useSyncExternalStore } from 'react'
import { ApiError } from '@/api/client'
import type { Calls, Reply, Request, ResultColumn, ResultSource, ResultState } from './protocol'

export type * from './protocol'

type Answered<K extends keyof Calls> = Promise<ReturnType<Calls[K]>>

const EMPTY: ResultState = { columns: [], loaded: 0, isComplete: false, error: null }

interface Waiting {
  readonly result: Result
  readonly resolve: (value: never) => void
  readonly reject: (failure: Error) => void
}

let worker: Worker | null = null
let counter = 0
const results = new Map<number, Result>()
const waiting = new Map<number, Waiting>()

export class Result {
  readonly number = (counter += 1)
  private readonly listeners = new Set<() => void>()
  private current = EMPTY

  constructor(source: ResultSource) {
    results.set(this.number, this)
    post({ kind: 'open', result: this.number, source })
  }

  get state(): ResultState {
    return this.current
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly snapshot = (): ResultState => this.current

  /** Asks the worker. Rejects when the result is closed before the answer. */
  ask<K extends keyof Calls>(method: K, ...args: Parameters<Calls[K]>): Answered<K> {
    const id = (counter += 1)
    return new Promise((resolve, reject) => {
      waiting.set(id, { result: this, resolve, reject })
      post({ kind: 'call', result: this.number, id, method, args })
    })
  }

  text(row: number, column: number): Answered<'text'> {
    return this.ask('text', row, column)
  }

  literal(row: number, column: number): Answered<'literal'> {
    return this.ask('literal', row, column)
  }

  values(columns: readonly number[], from: number, to: number): Answered<'values'> {
    return this.ask('values', columns, from, to)
  }

  /** Frees what the worker holds, and stops reading. */
  close(): void {
    if (!results.delete(this.number)) return
    for (const [id, call] of waiting) if (call.result === this) settle(id, 'The result is closed.')
    post({ kind: 'close', result: this.number })
  }

  /** Told by the worker. */
  receive(state: ResultState): void {
    // The columns of a result never change: who looks at them keeps the same list.
    const columns = this.current.columns.length > 0 ? this.current.columns : state.columns
    this.current = { ...state, columns }
    for (const listener of this.listeners) listener()
  }
}

/** Reads the Arrow stream at an address of our server. */
export function openResult({ url }: { readonly url: string }): Result {
  return new Result({ url })
}

/** A result of cells at hand, as the query API's JSON has them. */
export function resultFrom(columns: readonly ResultColumn[], rows: readonly (readonly unknown[])[]): Result {
  return new Result({ columns, rows })
}

export function useResultState(result: Result): ResultState {
  return useSyncExternalStore(result.subscribe, result.snapshot)
}

/** The state's error as the rest of the portal knows errors. */
export function errorOf(state: ResultState): ApiError | null {
  const { error } = state
  return error && new ApiError(error.status, error.code, error.message, [], error.correlationId)
}

function post(request: Request): void {
  worker ??= startWorker()
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
  worker.postMessage(request)
}

function startWorker(): Worker {
  const started = new Worker(new URL('../result.worker.ts', import.meta.url), { type: 'module' })
  started.addEventListener('message', ({ data }: MessageEvent<Reply>) => receive(data))
  started.addEventListener('error', () =>
    lose('The worker that holds results has ended. Run the query again.'),
  )
  return started
}

function receive(reply: Reply): void {
  if (reply.kind === 'state') return results.get(reply.result)?.receive(reply.state)
  const call = waiting.get(reply.id)
  if (!call) return
  if (reply.kind === 'failure') return settle(reply.id, reply.message)
  waiting.delete(reply.id)
  call.resolve(reply.value as never)
}

function settle(id: number, message: string): void {
  waiting.get(id)?.reject(new Error(message))
  waiting.delete(id)
}

/** All results are gone with their worker: each says so. */
function lose(message: string): void {
  worker = null
  const error = { status: 0, code: 'WorkerEnded', message, correlationId: '' }
  for (const id of waiting.keys()) settle(id, message)
  for (const result of results.values()) result.receive({ ...result.state, isComplete: true, error })
}
