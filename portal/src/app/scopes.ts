import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { request } from '@/api/client'
import { useScope } from './scope'

export interface ScopeItem {
  readonly kind: 'workspace' | 'resourceGroup' | 'subscription'
  /** The ARM id. */
  readonly id: string
  readonly name: string
  /** The customer id of a workspace. */
  readonly workspaceId?: string | null
  readonly tenantId: string
  readonly tenantName: string
  /** Where it is, in words: subscription / group. */
  readonly path: string
  readonly relation: 'home' | 'guest' | 'delegated'
  readonly location?: string | null
  readonly lastRecordAt?: string | null
}

export interface ScopeList {
  readonly value: readonly ScopeItem[]
  readonly total: number
}

/** What the person reaches, found by name or id; the first hundred. */
export function scopesQuery(search: string) {
  return queryOptions({
    queryKey: ['scopes', search],
    queryFn: ({ signal }) =>
      request<ScopeList>('GET', '/portal/api/scopes', { query: { search, top: 100 }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
}

/** The workspace with a customer id; undefined where the person reaches none. */
export function workspaceQuery(workspaceId: string | null) {
  return queryOptions({
    queryKey: ['scopes', 'workspace', workspaceId],
    queryFn: async ({ signal }) => {
      const query = { search: workspaceId ?? '', top: 10 }
      const { value } = await request<ScopeList>('GET', '/portal/api/scopes', { query, signal })
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
