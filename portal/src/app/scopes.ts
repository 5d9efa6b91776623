import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { ask, type Schemas } from '@/api/ask'
import { useScope } from './scope'

/** `id` is the ARM id, `workspaceId` the customer id of a workspace, `path` where it is in words. */
export type ScopeItem = ScopeList['value'][number]

export type ScopeList = Schemas['PortalScopes']

/** What the person reaches, found by name or id; the first hundred. */
export function scopesQuery(search: string) {
  return queryOptions({
    queryKey: ['scopes', search],
    queryFn: ({ signal }) => ask('GET /portal/api/scopes', { query: { search, top: 100 }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
}

const LARGEST_PAGE = 1000

/** All workspaces that the person reaches, in whatever tenant. */
export const workspacesQuery = queryOptions({
  queryKey: ['scopes', 'workspaces'],
  queryFn: ({ signal }) => listWorkspaces(0, signal),
  staleTime: 30_000,
})

/** Lists them page by page, without those that are to be skipped. */
async function listWorkspaces(skip: number, signal: AbortSignal): Promise<readonly ScopeItem[]> {
  const query = { kind: 'workspace', top: LARGEST_PAGE, skip }
  const { value, total } = await ask('GET /portal/api/scopes', { query, signal })
  const next = skip + value.length
  return value.length === 0 || next >= total ? value : [...value, ...(await listWorkspaces(next, signal))]
}

/** The workspace with a customer id; undefined where the person reaches none. */
export function workspaceQuery(workspaceId: string | null) {
  return queryOptions({
    queryKey: ['scopes', 'workspace', workspaceId],
    queryFn: async ({ signal }) => {
      const query = { search: workspaceId ?? '', top: 10 }
      const { value } = await ask('GET /portal/api/scopes', { query, signal })
      return value.find((item) => item.workspaceId === workspaceId) ?? null
    },
    enabled: workspaceId !== null,
    staleTime: 300_000,
  })
}

/** The workspace of the address, as the server knows it. */
export function useWorkspace() {
  return useQuery(workspaceQuery(useScope().workspace))
}
