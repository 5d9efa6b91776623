/** How a person arranged a grid: plain data that its owner keeps, by the columns' names. */
import type { Arrangement, ColumnFilter, ResultColumn, SortKey } from '@/workers/result'

export interface GridLayout {
  readonly widths: Readonly<Record<string, number>>
  readonly hidden: readonly string[]
  readonly pinned: readonly string[]
  /** Names in the order wanted; columns that are not named follow in their own. */
  readonly order: readonly string[]
  readonly sort: readonly SortKey[]
  readonly filters: readonly ColumnFilter[]
  readonly groupBy: string | null
  /** Canonical texts of the open groups. */
  readonly open: readonly (string | null)[]
}

export const PLAIN_LAYOUT: GridLayout = {
  widths: {},
  hidden: [],
  pinned: [],
  order: [],
  sort: [],
  filters: [],
  groupBy: null,
  open: [],
}

export interface ShownColumn extends ResultColumn {
  /** Its place in the result. */
  readonly index: number
  readonly width: number
  readonly isPinned: boolean
}

export const LEAST_WIDTH = 56
const MOST_WIDTH = 1200

/** Width of a figure or letter of the grid's font, and what a cell and a heading have around their text. */
const LETTER = 7.4
const AROUND = 18
const HEAD_AROUND = 52
const MOST_FITTED = 420

const WIDTHS: Partial<Record<ResultColumn['type'], number>> = {
  datetime: 196,
  guid: 290,
  bool: 80,
  int: 96,
  long: 120,
  real: 120,
  timespan: 130,
  decimal: 130,
}

/** The columns that are shown, pinned ones first. */
export function shownColumns(
  columns: readonly ResultColumn[],
  layout: GridLayout,
  fitted: ReadonlyMap<string, number>,
): readonly ShownColumn[] {
  const hidden = new Set(layout.hidden)
  const pinned = new Map(layout.pinned.map((name, place) => [name, place]))
  const order = new Map(layout.order.map((name, place) => [name, place]))
  const shown = columns.flatMap((column, index): ShownColumn[] => {
    if (hidden.has(column.name)) return []
    const width = layout.widths[column.name] ?? fitted.get(column.name) ?? defaultWidth(column)
    return [{ ...column, index, width, isPinned: pinned.has(column.name) }]
  })
  if (pinned.size === 0 && order.size === 0) return shown
  const rank = ({ name, index, isPinned }: ShownColumn) =>
    isPinned ? (pinned.get(name) ?? 0) - 1e9 : (order.get(name) ?? 1e6 + index)
  return shown.toSorted((left, right) => rank(left) - rank(right))
}

function defaultWidth(column: ResultColumn): number {
  return Math.max(WIDTHS[column.type] ?? 180, headWidth(column.name))
}

function headWidth(name: string): number {
  return Math.min(Math.ceil(name.length * LETTER) + HEAD_AROUND, MOST_FITTED)
}

/** A width in which most of the texts stand whole. */
export function fitWidth(column: ResultColumn, texts: readonly (string | null)[]): number {
  const longest = texts.reduce((most, text) => Math.max(most, text?.length ?? 4), 0)
  return Math.max(Math.min(Math.ceil(longest * LETTER) + AROUND, MOST_FITTED), headWidth(column.name), 72)
}

export function resize(layout: GridLayout, column: string, width: number): GridLayout {
  const fitting = Math.round(Math.min(Math.max(width, LEAST_WIDTH), MOST_WIDTH))
  return { ...layout, widths: { ...layout.widths, [column]: fitting } }
}

/** One more press on a heading: ascending, descending, not at all. Shift keeps the keys before it. */
export function toggleSort(layout: GridLayout, column: string, isAdding: boolean): GridLayout {
  const present = layout.sort.find((key) => key.column === column)
  const others = isAdding ? layout.sort.filter((key) => key.column !== column) : []
  if (!present) return { ...layout, sort: [...others, { column, descending: false }] }
  if (present.descending) return { ...layout, sort: others }
  const sort = isAdding
    ? layout.sort.map((key) => (key === present ? { column, descending: true } : key))
    : [{ column, descending: true }]
  return { ...layout, sort }
}

export function sortBy(layout: GridLayout, column: string, descending: boolean | null): GridLayout {
  return { ...layout, sort: descending === null ? [] : [{ column, descending }] }
}

export function togglePin(layout: GridLayout, column: string): GridLayout {
  const isPinned = layout.pinned.includes(column)
  const pinned = isPinned ? layout.pinned.filter((name) => name !== column) : [...layout.pinned, column]
  return { ...layout, pinned }
}

export function hide(layout: GridLayout, columns: readonly string[]): GridLayout {
  return { ...layout, hidden: [...new Set([...layout.hidden, ...columns])] }
}

export function show(layout: GridLayout, columns: readonly string[]): GridLayout {
  const shown = new Set(columns)
  return { ...layout, hidden: layout.hidden.filter((name) => !shown.has(name)) }
}

/** Puts a column before or after its neighbour. */
export function move(
  layout: GridLayout,
  shown: readonly ShownColumn[],
  column: string,
  by: -1 | 1,
): GridLayout {
  const names = shown.map(({ name }) => name)
  const from = names.indexOf(column)
  const to = from + by
  if (from === -1 || to < 0 || to >= names.length) return layout
  names.splice(from, 1)
  names.splice(to, 0, column)
  const pinned = layout.pinned.length > 0 ? names.filter((name) => layout.pinned.includes(name)) : []
  return { ...layout, order: names, pinned }
}

/** Sets or, with null, lifts the filter of a column. */
export function filterColumn(layout: GridLayout, column: string, filter: ColumnFilter | null): GridLayout {
  const others = layout.filters.filter((present) => present.column !== column)
  return { ...layout, filters: filter ? [...others, filter] : others }
}

export function groupBy(layout: GridLayout, column: string | null): GridLayout {
  return { ...layout, groupBy: column, open: [] }
}

export function toggleGroup(layout: GridLayout, group: string | null): GridLayout {
  const isOpen = layout.open.includes(group)
  const open = isOpen ? layout.open.filter((value) => value !== group) : [...layout.open, group]
  return { ...layout, open }
}

export function arrangementOf({ sort, filters, groupBy: by, open }: GridLayout): Arrangement {
  return { sort, filters, groupBy: by, open }
}
