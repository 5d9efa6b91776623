import { queryOptions } from '@tanstack/react-query'
import { request } from '@/api/client'

/** What can be queried in a workspace, as the query API's metadata route tells it. */
export interface Metadata {
  readonly tables: readonly MetadataTable[]
  readonly functions: readonly MetadataFunction[]
  readonly workspaces: readonly { readonly id: string; readonly name: string; readonly resourceId: string }[]
}

export interface MetadataTable {
  readonly id: string
  readonly name: string
  readonly description?: string
  readonly columns: readonly MetadataColumn[]
  readonly timespanColumn?: string
  readonly hasData: boolean
}

export interface MetadataColumn {
  readonly name: string
  readonly type: string
  readonly description?: string
}

export interface MetadataFunction {
  readonly id: string
  readonly name: string
  readonly displayName?: string
  readonly description?: string
  readonly body: string
  readonly parameters?: string
  readonly properties?: { readonly category?: string }
}

export function metadataQuery(workspaceId: string) {
  return queryOptions({
    queryKey: ['metadata', workspaceId],
    queryFn: ({ signal }) =>
      request<Metadata>('GET', `/v1/workspaces/${encodeURIComponent(workspaceId)}/metadata`, { signal }),
    staleTime: 60_000,
    refetchOnWindowFocus: true,
  })
}
