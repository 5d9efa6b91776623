import { infiniteQueryOptions } from '@tanstack/react-query'
import { ask, type Schemas } from '@/api/ask'

export type HistoryEntry = Schemas['PortalHistory']['value'][number]

const PAGE = 50

export function historyQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: ['history', search],
    queryFn: ({ pageParam, signal }) =>
      ask('GET /portal/api/history', {
        query: { search: search || undefined, top: PAGE, skip: pageParam },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const seen = pages.reduce((sum, page) => sum + page.value.length, 0)
      return seen < last.total && last.value.length > 0 ? seen : undefined
    },
  })
}

/** Erases one entry, or all of them. */
export function eraseHistory(id?: string): Promise<void> {
  if (id === undefined) return ask('DELETE /portal/api/history')
  return ask('DELETE /portal/api/history/{entry}', { names: { entry: id } })
}
