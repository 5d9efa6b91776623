/** The rows in the order somebody wants to see them: filtered, sorted, grouped. */
import type { Column } from './columns'
import { distinctOf, NULL, ranksOf } from './distinct'
import { keepRows } from './filters'
import type { Arranged, Arrangement, SortKey } from './protocol'
import { textOf } from './texts'

/** A heading of equal values; its rows stand in `View.rows` from `start`. */
export interface Group {
  readonly code: number
  readonly count: number
  readonly start: number
  readonly isOpen: boolean
}

export interface View {
  /** The rows that pass, in order. */
  readonly rows: Uint32Array
  readonly groups: readonly Group[] | null
  readonly groupColumn: Column | null
  /** Of groups: the line that each one begins at, and the one after the last. */
  readonly starts: readonly number[]
  readonly length: number
}

export type Place = { readonly row: number } | { readonly group: Group }

export function makeView(
  columns: readonly Column[],
  length: number,
  arrangement: Arrangement,
  timeZone: string,
): View {
  const byName = new Map(columns.map((column) => [column.name, column]))
  const rows = Uint32Array.from({ length }, (_, row) => row)
  let count = length
  for (const filter of arrangement.filters) {
    const column = byName.get(filter.column)
    if (column) count = keepRows(column, filter, rows, count, timeZone)
  }
  const kept = sortRows(byName, arrangement.sort, rows.subarray(0, count))
  const grouped = arrangement.groupBy === null ? undefined : byName.get(arrangement.groupBy)
  if (!grouped) return { rows: kept, groups: null, groupColumn: null, starts: [], length: count }
  return groupRows(grouped, kept, new Set(arrangement.open))
}

/** Sorts by the last key first: each pass keeps the order of equals, so the first key wins in the end. */
function sortRows(
  byName: ReadonlyMap<string, Column>,
  sort: readonly SortKey[],
  rows: Uint32Array,
): Uint32Array {
  let sorted = rows
  for (const key of sort.toReversed()) {
    const column = byName.get(key.column)
    if (column) sorted = sortByColumn(column, key.descending, sorted)
  }
  return sorted
}

/** A counting sort over the ranks of the values; null is the smallest, as in KQL. */
function sortByColumn(column: Column, descending: boolean, rows: Uint32Array): Uint32Array {
  const { codes } = distinctOf(column)
  const ranks = ranksOf(column)
  const last = ranks.length
  const rankOf = (row: number) => {
    const code = codes[row]!
    const rank = code === NULL ? 0 : ranks[code]! + 1
    return descending ? last - rank : rank
  }
  const ends = new Uint32Array(last + 2)
  for (const row of rows) ends[rankOf(row) + 1]! += 1
  for (let rank = 1; rank < ends.length; rank += 1) ends[rank]! += ends[rank - 1]!
  const sorted = new Uint32Array(rows.length)
  for (const row of rows) sorted[ends[rankOf(row)]!++] = row
  return sorted
}

/** Groups by value, the largest first; rows keep their order within. */
function groupRows(column: Column, rows: Uint32Array, open: ReadonlySet<string | null>): View {
  const { codes, samples } = distinctOf(column)
  const counts = new Uint32Array(samples.length + 1)
  for (const row of rows) counts[codes[row]! + 1]! += 1
  const order = [...counts.keys()].filter((place) => counts[place]! > 0)
  order.sort((left, right) => counts[right]! - counts[left]! || left - right)
  const next = new Uint32Array(counts.length)
  const groups: Group[] = []
  const starts: number[] = []
  let start = 0
  let line = 0
  for (const place of order) {
    const code = place - 1
    const isOpen = open.size > 0 && open.has(code === NULL ? null : textOf(column, samples[code]!))
    next[place] = start
    starts.push(line)
    groups.push({ code, count: counts[place]!, start, isOpen })
    start += counts[place]!
    line += 1 + (isOpen ? counts[place]! : 0)
  }
  const grouped = new Uint32Array(rows.length)
  for (const row of rows) grouped[next[codes[row]! + 1]!++] = row
  return { rows: grouped, groups, groupColumn: column, starts: [...starts, line], length: line }
}

/** What stands in a line. */
export function placeOf(view: View, line: number): Place {
  if (!view.groups) return { row: view.rows[line]! }
  let low = 0
  let high = view.groups.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (view.starts[middle]! <= line) low = middle
    else high = middle - 1
  }
  const group = view.groups[low]!
  const within = line - view.starts[low]!
  return within === 0 ? { group } : { row: view.rows[group.start + within - 1]! }
}

/** The line that shows a row; -1 where none does. */
export function lineOf(view: View, row: number): number {
  const place = view.rows.indexOf(row)
  if (place === -1 || !view.groups) return place
  const index = view.groups.findIndex((group) => place >= group.start && place < group.start + group.count)
  const group = view.groups[index]
  return group?.isOpen ? view.starts[index]! + 1 + place - group.start : -1
}

export function describeView(view: View): Arranged {
  return { length: view.length, rows: view.rows.length, groups: view.groups?.length ?? 0 }
}
