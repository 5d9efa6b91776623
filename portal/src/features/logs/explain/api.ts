import { queryOptions } from '@tanstack/react-query'
import { request } from '@/api/client'
import type { Finding } from '../editor/check'

export interface ExplainedRead {
  readonly table: string
  readonly columns: readonly string[]
  readonly rows: number | null
  readonly bytes: number | null
}

export interface ExplainedResult {
  readonly name: string
  readonly bound: string
  readonly plan: string
  readonly segments: readonly string[]
  readonly statements: readonly {
    readonly name: string
    readonly sql: string
    readonly enginePlan: readonly string[]
  }[]
  readonly reads: readonly ExplainedRead[]
}

export interface Explanation {
  readonly query: string
  readonly results: readonly ExplainedResult[]
  /** What would make it cheaper. */
  readonly advice: readonly Finding[]
}

export function explainQuery(workspaces: readonly string[], query: string, timespan: string | null) {
  return queryOptions({
    queryKey: ['explain', workspaces, query, timespan],
    queryFn: ({ signal }) =>
      request<Explanation>('POST', '/portal/api/kql/explain', {
        body: { workspaces, query, timespan: timespan ?? undefined },
        signal,
      }),
    enabled: query.trim() !== '',
    retry: false,
    staleTime: 60_000,
  })
}
