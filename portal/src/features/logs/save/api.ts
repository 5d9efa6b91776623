import { armDelete, armList, armPut, type Resource } from '@/api/arm'
import { ApiError, request } from '@/api/client'

const SEARCH_VERSION = '2025-07-01'
const PACK_VERSION = '2019-09-01'

/** A saved search of a workspace; with an alias it is a function. */
export interface SearchProperties {
  readonly category: string
  readonly displayName: string
  readonly query: string
  readonly functionAlias?: string | null
  readonly functionParameters?: string | null
  readonly tags?: readonly { readonly name: string; readonly value: string }[] | null
}

export type SavedSearch = Resource<SearchProperties>

export interface PackQueryProperties {
  readonly displayName: string
  readonly body: string
  readonly description?: string
}

export interface PackQuery extends Resource<PackQueryProperties> {
  readonly packName: string
}

export function listSearches(workspaceId: string, signal?: AbortSignal): Promise<SavedSearch[]> {
  return request<{ value: SavedSearch[] }>('GET', `${workspaceId}/savedSearches`, {
    query: { 'api-version': SEARCH_VERSION },
    signal,
  }).then(({ value }) => value)
}

export function putSearch(id: string, properties: SearchProperties, etag?: string): Promise<SavedSearch> {
  return armPut<SavedSearch>(id, SEARCH_VERSION, { properties, ...(etag ? { etag } : {}) }, { etag })
}

export function getSearch(id: string): Promise<SavedSearch> {
  return request<SavedSearch>('GET', id, { query: { 'api-version': SEARCH_VERSION } })
}

export function deleteSearch(id: string): Promise<void> {
  return armDelete(id, SEARCH_VERSION)
}

export interface Pack {
  readonly id: string
  readonly name: string
}

/** The query packs of the workspace's subscription; none for who may not read them. */
export async function listPacks(workspaceId: string, signal?: AbortSignal): Promise<Pack[]> {
  const subscription = /^\/subscriptions\/[^/]+/.exec(workspaceId)?.[0] ?? ''
  try {
    return await armList<Resource>(
      `${subscription}/providers/Microsoft.OperationalInsights/queryPacks`,
      PACK_VERSION,
      signal,
    )
  } catch (failure) {
    if (failure instanceof ApiError && failure.status === 403) return []
    throw failure
  }
}

export async function listPackQueries(workspaceId: string, signal?: AbortSignal): Promise<PackQuery[]> {
  const packs = await listPacks(workspaceId, signal)
  const lists = await Promise.all(
    packs.map(async (pack) => {
      const queries = await armList<Resource<PackQueryProperties>>(`${pack.id}/queries`, PACK_VERSION, signal)
      return queries.map((query) => Object.assign(query, { packName: pack.name }))
    }),
  )
  return lists.flat()
}

export function putPackQuery(
  packId: string,
  properties: PackQueryProperties,
): Promise<Resource<PackQueryProperties>> {
  return armPut(`${packId}/queries/${crypto.randomUUID()}`, PACK_VERSION, { properties })
}

export function deletePackQuery(packQueryId: string): Promise<void> {
  return armDelete(packQueryId, PACK_VERSION)
}
