/** The series of a chart with axes: points by name, in order, few enough to be told apart. */

import type { ChosenColumns } from './columns'
import type { Render } from './render'
import {
  CHART_ROWS,
  isListColumn,
  readDynamic,
  readNumber,
  readText,
  type ChartTable,
  type FilledColumn,
} from './table'

export interface Point {
  readonly x: number | string
  readonly y: number | null
  /** The row that it comes from. */
  readonly row: number
  readonly isAnomaly?: boolean
}

export interface Series {
  readonly name: string
  /** The y column. */
  readonly column: string
  readonly points: readonly Point[]
  /** Whether it is the sum of those that are too many to be drawn. */
  readonly isRest?: boolean
}

/** More series than this are one named "other". */
export const MAXIMUM_SERIES = 20

interface Growing {
  name: string
  column: string
  points: Point[]
}

export function makeSeries(table: ChartTable, chosen: ChosenColumns, render: Render): Series[] {
  const grown = new Map<string, Growing>()
  const rows = Math.min(table.rowCount, CHART_ROWS)
  for (let row = 0; row < rows; row += 1) {
    const group = chosen.series.map((column) => readText(column.values[row]) || '(empty)')
    chosen.y.forEach((column, index) => {
      const parts = chosen.y.length > 1 || group.length === 0 ? [...group, column.name] : group
      const name = parts.join(', ')
      const series = grown.get(`${index}\n${name}`) ?? { name, column: column.name, points: [] }
      grown.set(`${index}\n${name}`, series)
      addPoints(
        series.points,
        row,
        chosen,
        column,
        chosen.anomaly[index] ?? (index === 0 ? chosen.anomaly[0] : undefined),
      )
    })
  }
  return limitSeries([...grown.values()].map((series) => finish(series, chosen, render)))
}

/** Adds the row's point; of a row that holds lists, one for each element. */
function addPoints(
  points: Point[],
  row: number,
  { x, axis }: ChosenColumns,
  y: FilledColumn,
  anomaly: FilledColumn | undefined,
): void {
  const flags = anomaly ? readDynamic(anomaly.values[row]) : null
  const isFlag = (index: number): boolean => {
    const flag: unknown = Array.isArray(flags) ? flags[index] : flags
    return flag !== null && flag !== undefined && Number(flag) !== 0
  }
  const add = (place: unknown, value: unknown, type: string, index: number): void => {
    const at =
      axis === 'category' ? categoryText(place, type) : readNumber(place, axis === 'time' ? 'datetime' : type)
    if (at === null) return
    const point = { x: at, y: readNumber(value, y.type), row }
    points.push(anomaly && isFlag(index) ? { ...point, isAnomaly: true } : point)
  }
  if (!isListColumn(y)) {
    add(x.values[row], y.values[row], x.type, 0)
    return
  }
  const values = listOf(y.values[row])
  const places = isListColumn(x) ? listOf(x.values[row]) : null
  values.forEach((value, index) => add(places ? places[index] : index, value, 'real', index))
}

function listOf(value: unknown): readonly unknown[] {
  const list = readDynamic(value)
  return Array.isArray(list) ? (list as unknown[]) : []
}

export function categoryText(value: unknown, type: string): string | null {
  if (value === null || value === undefined) return null
  if (type !== 'datetime') return readText(value) || '(empty)'
  const moment = readNumber(value, type)
  return moment === null
    ? null
    : new Date(moment)
        .toISOString()
        .replace('T', ' ')
        .replace(/(:00)?\.000Z$/, '')
}

/** Puts points in order, adds up those at one category, and adds them up along x where that is asked for. */
function finish(series: Growing, chosen: ChosenColumns, render: Render): Series {
  let { points } = series
  if (chosen.axis === 'category') points = sumByPlace(points)
  else if (!render.isQuerySorted) points = points.toSorted((a, b) => Number(a.x) - Number(b.x))
  if (render.accumulate) points = accumulate(points)
  return { ...series, points }
}

function sumByPlace(points: readonly Point[]): Point[] {
  const sums = new Map<number | string, Point>()
  for (const point of points) {
    const before = sums.get(point.x)
    const y = before ? plus(before.y, point.y) : point.y
    sums.set(point.x, { ...point, y, row: before?.row ?? point.row })
  }
  return [...sums.values()]
}

function plus(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0)
}

function accumulate(points: readonly Point[]): Point[] {
  let sum = 0
  return points.map((point) => {
    sum += point.y ?? 0
    return { ...point, y: sum }
  })
}

/** Keeps the largest series in their order; the others become one. */
function limitSeries(series: readonly Series[]): Series[] {
  if (series.length <= MAXIMUM_SERIES) return [...series]
  const sizes = new Map(
    series.map((each) => [each, each.points.reduce((sum, { y }) => sum + Math.abs(y ?? 0), 0)]),
  )
  const largest = new Set(
    series.toSorted((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0)).slice(0, MAXIMUM_SERIES),
  )
  const rest = series.filter((each) => !largest.has(each))
  const sums = sumByPlace(rest.flatMap((each) => each.points))
  const points = sums.every(({ x }) => typeof x === 'number')
    ? sums.toSorted((a, b) => Number(a.x) - Number(b.x))
    : sums
  const other = { name: `other (${rest.length})`, column: rest[0]?.column ?? '', points, isRest: true }
  return [...series.filter((each) => largest.has(each)), other]
}

/** All places of category charts, in the order they were met. */
export function placesOf(series: readonly Series[]): string[] {
  return [...new Set(series.flatMap((each) => each.points.map((point) => String(point.x))))]
}

/** Each value as its share of all at its place, in percent. */
export function shareSeries(series: readonly Series[]): Series[] {
  const totals = new Map<number | string, number>()
  for (const { points } of series) {
    for (const { x, y } of points) totals.set(x, (totals.get(x) ?? 0) + Math.abs(y ?? 0))
  }
  return series.map((each) => ({
    ...each,
    points: each.points.map((point) => {
      const total = totals.get(point.x) ?? 0
      return { ...point, y: point.y === null ? null : total === 0 ? 0 : (100 * point.y) / total }
    }),
  }))
}

/** The series with a zero wherever another has a point and it has none: stacks would slip without. */
export function alignSeries(series: readonly Series[]): Series[] {
  const places = [...new Set(series.flatMap((each) => each.points.map(({ x }) => x)))]
  if (places.every((x) => typeof x === 'number')) places.sort((a, b) => Number(a) - Number(b))
  return series.map((each) => {
    const found = new Map(each.points.map((point) => [point.x, point]))
    return { ...each, points: places.map((x) => found.get(x) ?? { x, y: 0, row: -1 }) }
  })
}
