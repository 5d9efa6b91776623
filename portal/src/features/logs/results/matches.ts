/** Operators at a query's end that only choose which of the matching rows are shown, and in which order. */
const CHOICE = /\|\s*(?:(?:take|limit)\s+\d+|(?:sort|order)\s+by\s+[^|]*|top\s+\d+\s+by\s+[^|]*)\s*;?\s*$/i

/** The query over all that matches: without what only orders and cuts its rows. */
export function allMatches(query: string): string {
  let rest = query.trim()
  for (;;) {
    const shorter = rest.replace(CHOICE, '').trim()
    if (shorter === rest || shorter === '') return rest
    rest = shorter
  }
}
