import { ask } from '@/api/ask'
import { writeQueryHash, type LinkedQuery } from '@/lib/query-link'
import { ownPath } from '@/lib/url-state'

/** Where a kept link leads: a path of ours, with the query that the server kept for it. Raises `ApiError` (404). */
export async function resolveShare(id: string): Promise<string> {
  const { path, state } = await ask('GET /portal/api/shares/{share}', { names: { share: id } })
  const linked = state as Partial<LinkedQuery> | null
  const hash = typeof linked?.query === 'string' ? await writeQueryHash(linked as LinkedQuery) : ''
  return ownPath(path + hash)
}
