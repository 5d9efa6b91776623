import type { Span } from '../editor/spans'
import type { RunState } from './state'

/**
 * Where a part of what was run stands in the editor's text by now: its place is kept while the text before it changes.
 * Null where that statement is not in the text any more.
 */
export function placeInText(
  { query, parts }: Pick<RunState, 'query' | 'parts'>,
  { start, end }: Span,
  text: string,
): Span | null {
  const part = parts.findLast(({ textStart }) => textStart <= start)
  if (!part) return null
  const length = part.end - part.start
  const own = query.slice(part.textStart, part.textStart + length)
  const at = text.startsWith(own, part.start) ? part.start : text.indexOf(own)
  if (at === -1 || end > part.textStart + length) return null
  const by = at - part.textStart
  return { start: start + by, end: end + by }
}
