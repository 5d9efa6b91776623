/** Which column is x, which are y and which make the series: by the names in `render`, else by kind and type. */

import type { Kind, Render } from './render'
import {
  isListColumn,
  isNumeric,
  isTime,
  type ChartColumn,
  type ChartTable,
  type FilledColumn,
} from './table'

export interface ChosenColumns {
  readonly x: FilledColumn
  readonly y: readonly FilledColumn[]
  readonly series: readonly FilledColumn[]
  readonly anomaly: readonly FilledColumn[]
  readonly axis: 'time' | 'value' | 'category'
}

/** Kinds whose x is continuous where its type allows. */
const ORDERED = new Set<Kind>([
  'timechart',
  'linechart',
  'areachart',
  'stackedareachart',
  'anomalychart',
  'scatterchart',
])
/** Kinds whose x is the first moment of the row, wherever its column stands. */
const TIMED = new Set<Kind>(['timechart', 'anomalychart'])
const MEASURES = new Set(['int', 'long', 'real', 'decimal', 'timespan'])
const NAMES = new Set(['string', 'guid', 'bool'])

/**
 * Returns the columns of a chart with axes; null where nothing can be measured.
 *
 * x: `xColumn`; else for a time chart the first datetime (or list of moments); else the first column. y: `yColumns`; else
 * all numbers that are left. Series: `series`; else all texts that are left. Names that no column has are passed over.
 */
export function chooseColumns(table: ChartTable, render: Render): ChosenColumns | null {
  const { columns } = table
  const anomaly = named(columns, render.anomalyColumns)
  const x = named(columns, render.xColumn ? [render.xColumn] : [])[0] ?? guessX(columns, render.visualization)
  if (!x) return null
  const free = columns.filter((column) => column !== x && !anomaly.includes(column))
  const wanted = named(free, render.yColumns)
  const grouping = named(free, render.series)
  const rest = free.filter((column) => !grouping.includes(column))
  const y = wanted.length > 0 ? wanted : guessY(rest)
  if (y.length === 0) return null
  const texts = free.filter((column) => !y.includes(column) && NAMES.has(column.type))
  return { x, y, anomaly, series: grouping.length > 0 ? grouping : texts, axis: axisOf(x, render) }
}

export function named<C extends ChartColumn>(columns: readonly C[], names: readonly string[]): C[] {
  return names.flatMap((name) => columns.find((column) => column.name === name) ?? [])
}

function guessX(columns: readonly FilledColumn[], kind: Kind): FilledColumn | undefined {
  const time = columns.find((column) => isTime(column) || isTimeList(column))
  if (TIMED.has(kind)) return time ?? columns[0]
  const list = ORDERED.has(kind) && columns.some(isListColumn) ? time : undefined
  return list ?? columns[0]
}

function guessY(columns: readonly FilledColumn[]): FilledColumn[] {
  const lists = columns.filter((column) => isListColumn(column) && !isTimeList(column))
  if (lists.length > 0) return lists
  const numbers = columns.filter(isNumeric)
  return numbers.length > 0 ? numbers : columns.filter((column) => MEASURES.has(column.type))
}

function axisOf(x: FilledColumn, render: Render): ChosenColumns['axis'] {
  if (isTime(x) || isTimeList(x)) return render.visualization === 'barchart' ? 'category' : 'time'
  const isContinuous = isNumeric(x) || x.type === 'timespan' || isListColumn(x)
  return isContinuous && ORDERED.has(render.visualization) ? 'value' : 'category'
}

const MOMENT = /^\s*\[\s*"\d{4}-\d\d-\d\d/

function isTimeList(column: FilledColumn): boolean {
  if (!isListColumn(column)) return false
  const first = column.values.find((value) => value !== null && value !== '')
  return MOMENT.test(typeof first === 'string' ? first : JSON.stringify(first))
}
