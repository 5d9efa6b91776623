import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { request } from '@/api/client'

/** What a query may name, as the query API's metadata route tells it; of several workspaces it is all of theirs. */
export interface Metadata {
  readonly tables: readonly MetadataTable[]
  /** Those of the first workspace: a query calls them by their names alone. */
  readonly functions: readonly MetadataFunction[]
  /** Those that can be queried. */
  readonly workspaces: readonly MetadataWorkspace[]
  /** Tables whose columns disagree between the workspaces: a query over all can't name them. */
  readonly conflicts: readonly { readonly table: string; readonly message: string }[]
  /** Workspaces that may not be queried: as long as one is in scope, every query is refused. */
  readonly refused: readonly { readonly workspace: string; readonly message: string }[]
}

export interface MetadataWorkspace {
  readonly id: string
  readonly name: string
  readonly resourceId: string
  readonly related: { readonly tables: readonly string[] }
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

/** The schema of workspaces by their ids, names or resource ids; the first is the one that the query is about. */
export function metadataQuery(workspaces: readonly string[]) {
  return queryOptions({
    queryKey: ['metadata', ...workspaces],
    queryFn: ({ signal }) =>
      request<Metadata>('POST', '/portal/api/kql/schema', { body: { workspaces }, signal }),
    staleTime: 60_000,
    refetchOnWindowFocus: true,
  })
}

/** The schema of a query's scope: while it is made wider or narrower, what was known stays. */
export function scopeQuery(workspaces: readonly string[]) {
  return queryOptions({ ...metadataQuery(workspaces), placeholderData: keepPreviousData })
}
