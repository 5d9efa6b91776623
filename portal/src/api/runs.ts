import { queryOptions } from '@tanstack/react-query'
import { request } from './client'

/** A query of one's own that runs on the server, or whose rows are kept there for some minutes. */
export interface KeptRun {
  readonly id: string
  readonly query: string
  readonly workspaces: readonly string[]
  readonly timespan: string | null
  readonly maximumRows: number | null
  readonly purpose: string
  /** Whether it goes on when no page looks at it. */
  readonly background: boolean
  readonly state: 'waiting' | 'reading' | 'ended'
  readonly startedAt: string
  readonly elapsedSeconds: number
  readonly rowCount: number
  readonly hasRows: boolean
  readonly progress: { readonly rowsRead: number | null; readonly rowsTotal: number | null }
  readonly error: string | null
  readonly errorCode: string | null
}

export const runsQuery = queryOptions({
  queryKey: ['runs'],
  queryFn: ({ signal }) => listRuns(signal),
})

export async function listRuns(signal?: AbortSignal): Promise<readonly KeptRun[]> {
  const path = '/portal/api/runs'
  return (await request<{ value: readonly KeptRun[] }>('GET', path, { signal, isBackground: true })).value
}

export function keepInBackground(id: string): Promise<KeptRun> {
  return request<KeptRun>('PATCH', `/portal/api/runs/${id}`, { body: { background: true } })
}

/** Stops a run and its children in the engine. */
export function cancelRun(id: string): Promise<void> {
  return request('DELETE', `/portal/api/runs/${id}`)
}
