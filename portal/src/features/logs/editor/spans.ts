/** Places in a text, as offsets in UTF-16 units (the browser's own), half open. */

export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The block of lines around a place: blocks are parted by lines without anything but blanks, unless a pipe stands
 * before or behind those.
 */
export function blockAt(text: string, position: number): Span {
  const lines = linesOf(text)
  const index = Math.max(
    0,
    lines.findLastIndex((line) => line.start <= position),
  )
  const wordsOf = (line: Span) => text.slice(line.start, line.end).trim()
  const isEmpty = (line: Span) => wordsOf(line) === ''
  const isParting = (at: number) => isEmpty(lines[at]!) && !isInside(lines.map(wordsOf), at)
  // Between two blocks the one before is meant: there the cursor stands after it was written.
  let last = index
  while (last > 0 && isEmpty(lines[last]!)) last -= 1
  if (isEmpty(lines[last]!)) {
    last = lines.findIndex((line) => !isEmpty(line))
    if (last === -1) return { start: 0, end: 0 }
  }
  let first = last
  while (first > 0 && !isParting(first - 1)) first -= 1
  while (last + 1 < lines.length && !isParting(last + 1)) last += 1
  while (isEmpty(lines[first]!)) first += 1
  while (isEmpty(lines[last]!)) last -= 1
  return { start: lines[first]!.start, end: lines[last]!.end }
}

/** Whether an empty line stands inside a query that goes on with a pipe. */
function isInside(lines: readonly string[], at: number): boolean {
  const before = lines.slice(0, at).findLast((line) => line !== '') ?? ''
  const after = lines.slice(at).find((line) => line !== '') ?? ''
  return before !== '' && (before.endsWith('|') || after.startsWith('|'))
}

function linesOf(text: string): Span[] {
  const lines: Span[] = []
  let start = 0
  for (const line of text.split('\n')) {
    lines.push({ start, end: start + line.replace(/\r$/, '').length })
    start += line.length + 1
  }
  return lines
}

/** Line and column of a place, both counted from one. */
export function placeOf(text: string, position: number): { line: number; column: number } {
  const before = text.slice(0, position)
  const line = before.split('\n').length
  return { line, column: position - before.lastIndexOf('\n') }
}

/** The smallest single change that makes one text of another. */
export function changeBetween(before: string, after: string): { span: Span; text: string } {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start += 1
  let tail = 0
  while (tail < most - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1
  return { span: { start, end: before.length - tail }, text: after.slice(start, after.length - tail) }
}
