import { queryOptions } from '@tanstack/react-query'
import { ask, type Schemas } from './ask'

/** A query of one's own that runs on the server, or whose rows are kept there for some minutes. */
export type KeptRun = Schemas['PortalRunState']

export const runsQuery = queryOptions({
  queryKey: ['runs'],
  queryFn: ({ signal }) => listRuns(signal),
})

export async function listRuns(signal?: AbortSignal): Promise<readonly KeptRun[]> {
  return (await ask('GET /portal/api/runs', { signal, isBackground: true })).value
}

export function keepInBackground(id: string): Promise<KeptRun> {
  return ask('PATCH /portal/api/runs/{run}', { names: { run: id }, body: { background: true } })
}

/** Stops a run and its children in the engine. */
export function cancelRun(id: string): Promise<void> {
  return ask('DELETE /portal/api/runs/{run}', { names: { run: id } })
}
