/** Long operations: the bell shows them, and they go on while one moves to another page. */

import { create } from 'zustand'
import { ApiError } from '@/api/client'

export interface Notice {
  readonly id: string
  readonly title: string
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  readonly startedAt: Date
  /** Percent, where the operation tells it. */
  readonly progress?: number | undefined
  /** What it does just now, or what went wrong. */
  readonly text?: string | undefined
  readonly correlationId?: string | undefined
  readonly isSeen: boolean
  readonly cancel?: (() => void) | undefined
  readonly retry?: (() => void) | undefined
  /** Shows what came of it. */
  readonly open?: (() => void) | undefined
  readonly openLabel?: string | undefined
}

export interface Operation<T> {
  /** Does the work; may tell how far it is, and ends early where the signal says so. */
  readonly run: (
    report: (state: { progress?: number; text?: string }) => void,
    signal: AbortSignal,
  ) => Promise<T>
  /** Whether it can be ended on the way. */
  readonly canCancel?: boolean
}

interface NoticeStore {
  readonly notices: readonly Notice[]
}

export const useNotices = create<NoticeStore>(() => ({ notices: [] }))

const KEPT = 50
let last = 0

function change(id: string, changes: Partial<Notice>): void {
  useNotices.setState(({ notices }) => ({
    notices: notices.map((notice) => (notice.id === id ? { ...notice, ...changes } : notice)),
  }))
}

/**
 * Shows work in the bell until it ends, and gives back its result. The work is a promise that runs already, or an
 * operation, which can tell how far it is, be cancelled, and be tried again after it failed.
 */
export function startOperation<T>(title: string, work: Promise<T> | Operation<T>): Promise<T> {
  const id = `operation ${++last}`
  const notice: Notice = { id, title, state: 'running', startedAt: new Date(), isSeen: false }
  useNotices.setState(({ notices }) => ({ notices: [notice, ...notices].slice(0, KEPT) }))
  return follow(id, work)
}

async function follow<T>(id: string, work: Promise<T> | Operation<T>): Promise<T> {
  const aborter = new AbortController()
  const operation = 'run' in work ? work : null
  if (operation?.canCancel) change(id, { cancel: () => aborter.abort() })
  try {
    const result = await (operation
      ? operation.run((state) => change(id, state), aborter.signal)
      : (work as Promise<T>))
    change(id, { state: 'done', cancel: undefined, progress: undefined, text: undefined, isSeen: false })
    return result
  } catch (failure) {
    const isCancelled = aborter.signal.aborted
    change(id, {
      state: isCancelled ? 'cancelled' : 'failed',
      text: isCancelled ? undefined : failure instanceof Error ? failure.message : String(failure),
      correlationId: failure instanceof ApiError ? failure.correlationId : undefined,
      cancel: undefined,
      isSeen: false,
      retry: operation ? () => void retry(id, operation).catch(() => undefined) : undefined,
    })
    throw failure
  }
}

function retry<T>(id: string, operation: Operation<T>): Promise<T> {
  change(id, { state: 'running', text: undefined, retry: undefined, correlationId: undefined })
  return follow(id, operation)
}

/** Shows work that goes on elsewhere, under a name of its own: newer news take the place of older. */
export function putNotice(notice: Notice): void {
  useNotices.setState(({ notices }) => {
    const isKnown = notices.some(({ id }) => id === notice.id)
    return {
      notices: isKnown
        ? notices.map((one) => (one.id === notice.id ? notice : one))
        : [notice, ...notices].slice(0, KEPT),
    }
  })
}

export function seeNotices(): void {
  useNotices.setState(({ notices }) => ({ notices: notices.map((notice) => ({ ...notice, isSeen: true })) }))
}

export function clearNotices(): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter(({ state }) => state === 'running') }))
}
