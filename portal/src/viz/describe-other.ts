/** Descriptions of the charts without axes: shares, trees, numbers, spans of time, pivots. */

import { chooseColumns, named } from './columns'
import type { Render } from './render'
import { categoryText } from './series'
import {
  CHART_ROWS,
  isNumeric,
  isTime,
  readNumber,
  readText,
  readTime,
  type ChartTable,
  type FilledColumn,
} from './table'

export interface Slice {
  readonly name: string
  readonly value: number
}
export interface PieDescription {
  readonly draw: 'pie'
  readonly slices: readonly Slice[]
  readonly total: number
  readonly xName: string
  readonly yName: string
}
export interface TreeNode {
  readonly name: string
  readonly value: number
  readonly children?: readonly TreeNode[]
}
export interface TreeDescription {
  readonly draw: 'treemap'
  readonly nodes: readonly TreeNode[]
  readonly yName: string
}
export interface Card {
  readonly name: string
  readonly type: string
  readonly value: unknown
  /** The column's numbers from the first row in time to the last; empty where rows have no time. */
  readonly trend: readonly number[]
}
export interface CardDescription {
  readonly draw: 'card'
  readonly cards: readonly Card[]
}
export interface Span {
  readonly lane: string
  readonly from: number
  readonly to: number
  readonly row: number
}
export interface LadderDescription {
  readonly draw: 'ladder'
  readonly lanes: readonly string[]
  readonly spans: readonly Span[]
  readonly isTime: boolean
}
export interface PivotDescription {
  readonly draw: 'pivot'
  readonly rowName: string
  readonly columnName: string | null
  readonly yName: string
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  /** Sums by row, then column; null where no row of the table falls there. */
  readonly cells: readonly (readonly (number | null)[])[]
}
export interface PivotGroup {
  readonly name: string
  readonly depth: number
  readonly path: string
  readonly spans: readonly Span[]
}
export interface TimePivotDescription {
  readonly draw: 'timepivot'
  readonly names: readonly string[]
  readonly groups: readonly PivotGroup[]
  readonly from: number
  readonly to: number
}
export interface GraphNode {
  readonly name: string
  readonly degree: number
  /** Its column where the graph has an order from left to right. */
  readonly layer: number | null
  readonly place: number
}
export interface GraphDescription {
  readonly draw: 'graph'
  readonly nodes: readonly GraphNode[]
  readonly links: readonly { readonly source: string; readonly target: string; readonly label: string }[]
  readonly isLayered: boolean
}

const MAXIMUM_SLICES = 10
const MAXIMUM_CARDS = 6
const MAXIMUM_PIVOT = 200

export function describePie(table: ChartTable, render: Render): PieDescription | null {
  const chosen = chooseColumns(table, { ...render, series: [] })
  const y = chosen?.y[0]
  if (!chosen || !y) return null
  const names = named(table.columns, render.series)
  const sizes = new Map<string, number>()
  for (let row = 0; row < Math.min(table.rowCount, CHART_ROWS); row += 1) {
    const parts = (names.length > 0 ? names : [chosen.x]).map(
      (column) => categoryText(column.values[row], column.type) ?? '(null)',
    )
    const size = readNumber(y.values[row], y.type) ?? 0
    if (size > 0) sizes.set(parts.join(', '), (sizes.get(parts.join(', ')) ?? 0) + size)
  }
  const sorted = [...sizes].map(([name, value]) => ({ name, value })).toSorted((a, b) => b.value - a.value)
  const total = sorted.reduce((sum, { value }) => sum + value, 0)
  if (total === 0) return null
  const rest = sorted.slice(MAXIMUM_SLICES)
  const other = { name: `other (${rest.length})`, value: rest.reduce((sum, { value }) => sum + value, 0) }
  const slices = rest.length > 0 ? [...sorted.slice(0, MAXIMUM_SLICES), other] : sorted
  return { draw: 'pie', slices, total, xName: chosen.x.name, yName: y.name }
}

/** A tree of the texts of each row, one level a column, sized by the first number. */
export function describeTree(table: ChartTable, render: Render): TreeDescription | null {
  const y = named(table.columns, render.yColumns)[0] ?? table.columns.find(isNumeric)
  const levels = named(table.columns, [...(render.xColumn ? [render.xColumn] : []), ...render.series])
  const texts =
    levels.length > 0 ? levels : table.columns.filter((column) => column !== y && !isNumeric(column))
  if (!y || texts.length === 0) return null
  interface Growing {
    name: string
    value: number
    children: Map<string, Growing>
  }
  const root: Growing = { name: '', value: 0, children: new Map() }
  for (let row = 0; row < Math.min(table.rowCount, CHART_ROWS); row += 1) {
    const size = readNumber(y.values[row], y.type) ?? 0
    if (size <= 0) continue
    let node = root
    for (const column of texts) {
      const name = categoryText(column.values[row], column.type) ?? '(null)'
      const child: Growing = node.children.get(name) ?? { name, value: 0, children: new Map() }
      node.children.set(name, child)
      child.value += size
      node = child
    }
  }
  const freeze = (node: Growing): TreeNode => ({
    name: node.name,
    value: node.value,
    ...(node.children.size > 0 ? { children: [...node.children.values()].map(freeze) } : {}),
  })
  const nodes = [...root.children.values()].map(freeze)
  return nodes.length > 0 ? { draw: 'treemap', nodes, yName: y.name } : null
}

/** The first row's values as numbers to read from afar. */
export function describeCards(table: ChartTable): CardDescription | null {
  const time = table.columns.find(isTime)
  const isTrend = time !== undefined && table.rowCount > 2
  const order = isTrend
    ? Array.from({ length: table.rowCount }, (_, row) => row).toSorted(
        (a, b) => (readTime(time.values[a]) ?? 0) - (readTime(time.values[b]) ?? 0),
      )
    : []
  const shown = isTrend ? table.columns.filter((column) => column !== time) : table.columns
  const cards = shown.slice(0, MAXIMUM_CARDS).map((column) => ({
    name: column.name,
    type: column.type,
    value: column.values[0],
    trend: isNumeric(column) ? order.flatMap((row) => readNumber(column.values[row], column.type) ?? []) : [],
  }))
  return cards.length > 0 ? { draw: 'card', cards } : null
}

/** The last two columns are where a span begins and ends; those before name its lane. */
export function describeLadder(table: ChartTable): LadderDescription | null {
  const bounds = table.columns.filter((column) => isTime(column) || isNumeric(column)).slice(-2)
  const [from, to] = bounds
  if (!from || !to || from.type !== to.type) return null
  const texts = table.columns.filter((column) => column !== from && column !== to)
  const spans = makeSpans(table, texts, from, to)
  return spans.length > 0
    ? { draw: 'ladder', lanes: [...new Set(spans.map(({ lane }) => lane))], spans, isTime: isTime(from) }
    : null
}

function makeSpans(
  table: ChartTable,
  texts: readonly FilledColumn[],
  from: FilledColumn,
  to: FilledColumn,
): Span[] {
  const spans: Span[] = []
  for (let row = 0; row < Math.min(table.rowCount, CHART_ROWS); row += 1) {
    const start = readNumber(from.values[row], from.type)
    const end = readNumber(to.values[row], to.type) ?? start
    if (start === null || end === null) continue
    const lane = texts.map((column) => readText(column.values[row])).join(', ') || from.name
    spans.push({ lane, from: Math.min(start, end), to: Math.max(start, end), row })
  }
  return spans
}

/** Sums of the first number by the first two texts. */
export function describePivot(table: ChartTable, render: Render): PivotDescription | null {
  const y = named(table.columns, render.yColumns)[0] ?? table.columns.find(isNumeric)
  const across = named(table.columns, render.series)[0]
  const down = named(table.columns, render.xColumn ? [render.xColumn] : [])[0]
  const free = table.columns.filter(
    (column) => column !== y && column !== across && column !== down && !isNumeric(column),
  )
  const row = down ?? free.shift()
  const column = across ?? free.shift() ?? null
  if (!y || !row) return null
  const rows = new Map<string, Map<string, number>>()
  const columns = new Set<string>()
  for (let index = 0; index < Math.min(table.rowCount, CHART_ROWS); index += 1) {
    const name = categoryText(row.values[index], row.type) ?? '(null)'
    const place = column ? (categoryText(column.values[index], column.type) ?? '(null)') : y.name
    const line = rows.get(name) ?? new Map<string, number>()
    rows.set(name, line.set(place, (line.get(place) ?? 0) + (readNumber(y.values[index], y.type) ?? 0)))
    columns.add(place)
  }
  const shownRows = [...rows.keys()].slice(0, MAXIMUM_PIVOT)
  const shownColumns = [...columns].toSorted().slice(0, MAXIMUM_PIVOT)
  const cells = shownRows.map((name) => shownColumns.map((place) => rows.get(name)?.get(place) ?? null))
  return {
    draw: 'pivot',
    rowName: row.name,
    columnName: column?.name ?? null,
    yName: y.name,
    rows: shownRows,
    columns: shownColumns,
    cells,
  }
}

/** Events along time in nested rows, one level a text column; of two moments in a row, the span between them. */
export function describeTimePivot(table: ChartTable, render: Render): TimePivotDescription | null {
  const [from, to = from] = table.columns.filter(isTime)
  if (!from || !to) return null
  const wanted = named(table.columns, render.series)
  const levels =
    wanted.length > 0 ? wanted : table.columns.filter((column) => column.type === 'string').slice(0, 3)
  const groups = new Map<string, PivotGroup & { spans: Span[] }>()
  for (const span of makeSpans(table, [], from, to)) {
    let path = ''
    levels.forEach((column, depth) => {
      const name = readText(column.values[span.row]) || '(empty)'
      path += `\n${name}`
      const group = groups.get(path) ?? { name, depth, path, spans: [] }
      groups.set(path, group)
      group.spans.push({ ...span, lane: name })
    })
  }
  const sorted = [...groups.values()]
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .slice(0, MAXIMUM_PIVOT * 2)
  if (sorted.length === 0) return null
  const all = sorted.filter(({ depth }) => depth === 0).flatMap(({ spans }) => spans)
  const first = all.reduce((least, span) => Math.min(least, span.from), Infinity)
  const last = all.reduce((most, span) => Math.max(most, span.to), -Infinity)
  return { draw: 'timepivot', names: levels.map(({ name }) => name), groups: sorted, from: first, to: last }
}
