import { request } from '@/api/client'
import { writeQueryHash, type LinkedQuery } from '@/lib/query-link'
import { ownPath } from '@/lib/url-state'

interface Share {
  readonly path: string
  readonly state: Partial<LinkedQuery> | null
}

/** Where a kept link leads: a path of ours, with the query that the server kept for it. Raises `ApiError` (404). */
export async function resolveShare(id: string): Promise<string> {
  const { path, state } = await request<Share>('GET', `/portal/api/shares/${encodeURIComponent(id)}`)
  const hash = typeof state?.query === 'string' ? await writeQueryHash(state as LinkedQuery) : ''
  return ownPath(path + hash)
}
