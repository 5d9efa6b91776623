/** The histogram's question and its bars. Pure. */

import { isTime, readNumber, readText, readTime, type ChartColumn, type ChartTable } from './table'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS: readonly (readonly [number, string])[] = [
  [SECOND, '1s'],
  [5 * SECOND, '5s'],
  [10 * SECOND, '10s'],
  [30 * SECOND, '30s'],
  [MINUTE, '1m'],
  [5 * MINUTE, '5m'],
  [10 * MINUTE, '10m'],
  [15 * MINUTE, '15m'],
  [30 * MINUTE, '30m'],
  [HOUR, '1h'],
  [3 * HOUR, '3h'],
  [6 * HOUR, '6h'],
  [12 * HOUR, '12h'],
  [DAY, '1d'],
  [7 * DAY, '7d'],
  [30 * DAY, '30d'],
]
/** About as many bars as one can still point at. */
const BARS = 60
export const MAXIMUM_VALUES = 10

export interface Step {
  readonly milliseconds: number
  /** As KQL writes it. */
  readonly text: string
}

/** The step that cuts the range into about 60 bars, of those that people count in. */
export function histogramStep(from: Date, to: Date): Step {
  const wanted = (to.getTime() - from.getTime()) / BARS
  const [milliseconds, text] = STEPS.find(([size]) => size >= wanted * 0.75) ?? [30 * DAY, '30d']
  return { milliseconds, text }
}

export interface HistogramRequest {
  readonly from: Date
  readonly to: Date
  readonly column?: string
  readonly by?: string | null
}

/** Wraps a statement (with the lets it needs before it) into the count of its rows along time. */
export function histogramQuery(
  statement: string,
  { from, to, column = 'TimeGenerated', by }: HistogramRequest,
) {
  const step = histogramStep(from, to)
  const body = statement.trim().replace(/;\s*$/, '')
  const time = quoteName(column)
  const groups = [`${time} = bin(${time}, ${step.text})`, ...(by ? [`By = tostring(${quoteName(by)})`] : [])]
  return { query: `${body}\n| summarize Count = count() by ${groups.join(', ')}`, step }
}

function quoteName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `['${name.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}']`
}

const AGGREGATES =
  /\|\s*(summarize|make-series|render|evaluate|top-nested|top-hitters|count|distinct|sample-distinct|getschema|reduce|make-graph|facet|fork)\b/i

/** Whether rows of the statement still lie along time: they have `TimeGenerated`, and nothing adds them up. */
export function canHistogram(
  columns: readonly ChartColumn[],
  statement: string,
  column = 'TimeGenerated',
): boolean {
  const plain = statement.replace(/\/\/[^\n]*/g, '').replace(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g, "''")
  return columns.some((each) => each.name === column && isTime(each)) && !AGGREGATES.test(plain)
}

export interface Bar {
  readonly from: number
  readonly to: number
  readonly total: number
  /** Counts by the value's number in `values`. */
  readonly parts: readonly number[]
}

export interface Bars {
  readonly bars: readonly Bar[]
  /** What the bars are broken down by: at most ten values and the rest; one nameless value where by nothing. */
  readonly values: readonly string[]
  readonly highest: number
  readonly total: number
}

/** Every bar from the range's first bin to its last, those without rows too. */
export function makeBars(table: ChartTable, from: Date, to: Date, step: Step, rest: string): Bars {
  const time = table.columns.find(isTime)
  const count = table.columns.find(({ name }) => name === 'Count')
  const by = table.columns.find(({ name }) => name === 'By')
  const sums = new Map<string, Map<number, number>>()
  for (let row = 0; row < table.rowCount; row += 1) {
    const at = readTime(time?.values[row])
    const size = readNumber(count?.values[row], 'long') ?? 0
    if (at === null) continue
    const name = by ? readText(by.values[row]) : ''
    const line = sums.get(name) ?? new Map<number, number>()
    sums.set(name, line.set(at, (line.get(at) ?? 0) + size))
  }
  const sorted = [...sums].toSorted((a, b) => sumOf(b[1]) - sumOf(a[1]))
  const shown = sorted.slice(0, MAXIMUM_VALUES)
  const others = sorted.slice(MAXIMUM_VALUES)
  const values = [...shown.map(([name]) => name), ...(others.length > 0 ? [rest] : [])]
  const bars: Bar[] = []
  const size = step.milliseconds
  for (let at = Math.floor(from.getTime() / size) * size; at < to.getTime(); at += size) {
    const parts = shown.map(([, line]) => line.get(at) ?? 0)
    if (others.length > 0) parts.push(others.reduce((sum, [, line]) => sum + (line.get(at) ?? 0), 0))
    bars.push({ from: at, to: at + size, total: parts.reduce((a, b) => a + b, 0), parts })
  }
  return {
    bars,
    values,
    highest: bars.reduce((most, bar) => Math.max(most, bar.total), 0),
    total: bars.reduce((sum, bar) => sum + bar.total, 0),
  }
}

function sumOf(line: ReadonlyMap<number, number>): number {
  return [...line.values()].reduce((a, b) => a + b, 0)
}
