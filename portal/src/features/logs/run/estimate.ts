import { queryOptions } from '@tanstack/react-query'
import { request } from '@/api/client'

export interface CostEstimate {
  readonly rows: number | null
  readonly bytes: number | null
  readonly tables: readonly {
    readonly name: string
    readonly rows: number | null
    readonly bytes: number | null
  }[]
}

/** Above this a run is asked for twice. */
export const EXPENSIVE_BYTES = 200e9

export function estimateQuery(workspaces: readonly string[], query: string, timespan: string | null) {
  return queryOptions({
    queryKey: ['estimate', workspaces, query, timespan],
    queryFn: ({ signal }) =>
      request<CostEstimate>('POST', '/portal/api/kql/estimate', {
        body: { workspaces, query, timespan: timespan ?? undefined },
        signal,
      }),
    staleTime: 60_000,
    retry: false,
    enabled: query.trim() !== '' && workspaces.length > 0,
  })
}
