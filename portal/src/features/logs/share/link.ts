import { ask } from '@/api/ask'
import { LONGEST_IN_ADDRESS, writeQueryHash, type LinkedQuery } from '@/lib/query-link'
import { absoluteTimespan, resolveTimespan, type Timespan } from '@/lib/time'

/** The range as the link carries it: relative as it is, or frozen to what it means now. */
export function sharedRange(timespan: Timespan, isRelative: boolean, now: Date): Timespan {
  if (isRelative || timespan === '' || timespan.includes('/')) return timespan
  const { from, to } = resolveTimespan(timespan, now)
  return from ? absoluteTimespan(from, to) : timespan
}

/** A link to the query: in the address itself, or kept on the server where it is too long for one. */
export async function makeLink(path: string, linked: LinkedQuery): Promise<string> {
  const { origin } = window.location
  const hash = await writeQueryHash(linked)
  if (linked.query.length <= LONGEST_IN_ADDRESS) return origin + path + hash
  const { id } = await ask('POST /portal/api/shares', { body: { path, state: linked } })
  return `${origin}/s/${id}`
}
