/** The answers that are kept: their rows lie in the worker, and are freed there when nobody can see them any more. */

import type { QueryCache } from '@tanstack/react-query'
import type { Outcome } from './run'

const watched = new WeakSet<QueryCache>()

/** Closes the rows of each answer that another has replaced, or that was not asked for again in time. */
export function freeDropped(cache: QueryCache): void {
  if (watched.has(cache)) return
  watched.add(cache)
  const kept = new Map<string, Outcome>()
  cache.subscribe(({ type, query }) => {
    const [page, kind] = query.queryKey
    if (page !== 'dash' || kind !== 'run') return
    const now = type === 'removed' ? undefined : (query.state.data as Outcome | undefined)
    const before = kept.get(query.queryHash)
    if (before === now) return
    before?.result.close()
    if (now) kept.set(query.queryHash, now)
    else kept.delete(query.queryHash)
  })
}
