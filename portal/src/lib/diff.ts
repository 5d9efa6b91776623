export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

/** So many lines that are the same on both sides, left out. */
export interface DiffGap {
  readonly kind: 'gap'
  readonly count: number
}

/** More pairs of lines than this are not compared: what lies between is told as removed and added. */
const MOST_PAIRS = 4_000_000

/** Two texts line by line: what only the first has, what only the second has, what both have (longest common lines). */
export function diffLines(before: string, after: string): DiffLine[] {
  const [one, other] = [before.split('\n'), after.split('\n')]
  const shorter = Math.min(one.length, other.length)
  let head = 0
  while (head < shorter && one[head] === other[head]) head += 1
  let tail = 0
  while (tail < shorter - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1
  return [
    ...linesOf('same', one.slice(0, head)),
    ...diffMiddle(one.slice(head, one.length - tail), other.slice(head, other.length - tail)),
    ...linesOf('same', one.slice(one.length - tail)),
  ]
}

function diffMiddle(one: readonly string[], other: readonly string[]): DiffLine[] {
  if (one.length * other.length > MOST_PAIRS) return [...linesOf('removed', one), ...linesOf('added', other)]
  const lengths = commonLengths(one, other)
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < one.length || j < other.length) {
    if (i < one.length && j < other.length && one[i] === other[j]) {
      lines.push({ kind: 'same', text: one[i]! })
      i += 1
      j += 1
    } else if (j >= other.length || (i < one.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      lines.push({ kind: 'removed', text: one[i]! })
      i += 1
    } else {
      lines.push({ kind: 'added', text: other[j]! })
      j += 1
    }
  }
  return lines
}

function linesOf(kind: DiffLine['kind'], texts: readonly string[]): DiffLine[] {
  return texts.map((text) => ({ kind, text }))
}

/** `[i][j]`: how many lines the rests from line i and line j have in common, in order. */
function commonLengths(one: readonly string[], other: readonly string[]): number[][] {
  const lengths = Array.from({ length: one.length + 1 }, () =>
    Array.from({ length: other.length + 1 }, () => 0),
  )
  for (let i = one.length - 1; i >= 0; i -= 1) {
    for (let j = other.length - 1; j >= 0; j -= 1) {
      lengths[i]![j] =
        one[i] === other[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
    }
  }
  return lengths
}

/** The differences with so many lines of what is the same around each, and gaps for the rest of it. */
export function foldSame(lines: readonly DiffLine[], around = 3): (DiffLine | DiffGap)[] {
  const folded: (DiffLine | DiffGap)[] = []
  let from = 0
  while (from < lines.length) {
    let to = from
    while (to < lines.length && lines[to]?.kind === 'same') to += 1
    const first = from === 0 ? from : from + around
    const last = to === lines.length ? to : to - around
    // A gap takes a line itself: one of a single line says less than the line.
    if (last - first > 1) {
      const gap = { kind: 'gap', count: last - first } as const
      folded.push(...lines.slice(from, first), gap, ...lines.slice(last, to))
    } else folded.push(...lines.slice(from, to))
    from = to
    for (; from < lines.length && lines[from]?.kind !== 'same'; from += 1) folded.push(lines[from]!)
  }
  return folded
}
