import { queryOptions } from '@tanstack/react-query'
import { listPackQueries, listSearches } from './api'

export function searchesQuery(workspaceId: string) {
  return queryOptions({
    queryKey: ['saved', 'searches', workspaceId],
    queryFn: ({ signal }) => listSearches(workspaceId, signal),
  })
}

export function packQueriesQuery(workspaceId: string) {
  return queryOptions({
    queryKey: ['saved', 'packs', workspaceId],
    queryFn: ({ signal }) => listPackQueries(workspaceId, signal),
  })
}
