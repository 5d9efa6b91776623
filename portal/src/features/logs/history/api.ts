import { infiniteQueryOptions } from '@tanstack/react-query'
import { request } from '@/api/client'

export interface HistoryEntry {
  readonly id: string
  readonly at: string
  readonly query: string
  readonly workspaces: readonly string[]
  readonly timespan: string | null
  readonly rowCount: number | null
  readonly elapsedSeconds: number | null
  readonly cpuSeconds: number | null
  readonly scannedBytes: number | null
  readonly error: string | { readonly code?: string; readonly message?: string } | null
}

const PAGE = 50
const PATH = '/portal/api/history'

interface HistoryPage {
  readonly value: readonly HistoryEntry[]
  readonly total: number
}

export function historyQuery(search: string) {
  return infiniteQueryOptions({
    queryKey: ['history', search],
    queryFn: ({ pageParam, signal }) =>
      request<HistoryPage>('GET', PATH, {
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
  return request('DELETE', id === undefined ? PATH : `${PATH}/${encodeURIComponent(id)}`)
}

export function errorText(error: HistoryEntry['error']): string {
  if (error === null) return ''
  return typeof error === 'string' ? error : (error.message ?? error.code ?? '')
}
