/** Counts and sums of a column: exact for whole numbers, decimals and durations. */
import { TextColumn, type Column, type NumberColumn } from './columns'
import { formatDecimal, parseDecimal } from './decimals'
import { distinctOf, NULL, ranksOf } from './distinct'
import { searchedOf } from './filters'
import { formatTimespan } from './moments'
import type { Count, Counts, Field, Statistics } from './protocol'
import { shownOf, textOf } from './texts'

const TOP = 10

/** A column's figures over some rows. */
export function describeColumn(column: Column, rows: Uint32Array, timeZone: string): Statistics {
  const { codes, samples } = distinctOf(column)
  const counts = new Uint32Array(samples.length)
  let nulls = 0
  for (const row of rows) {
    const code = codes[row]!
    if (code === NULL) nulls += 1
    else counts[code]! += 1
  }
  const present = [...counts.keys()].filter((code) => counts[code]! > 0)
  const ends = extremes(column, present)
  const total = totalOf(column, weigh(samples, counts, present))
  return {
    rows: rows.length,
    nulls,
    empty: present.reduce((sum, code) => sum + (isEmpty(column, samples[code]!) ? counts[code]! : 0), 0),
    distinct: present.length,
    min: ends ? shownOf(column, samples[ends[0]]!, timeZone) : null,
    max: ends ? shownOf(column, samples[ends[1]]!, timeZone) : null,
    sum: total?.sum ?? null,
    mean: total?.mean ?? null,
    top: topOf(column, present, counts, samples, TOP, timeZone),
  }
}

function isEmpty(column: Column, row: number): boolean {
  return column instanceof TextColumn && column.size(row) === 0
}

function extremes(column: Column, present: readonly number[]): readonly [number, number] | null {
  const [first] = present
  if (first === undefined || column.type === 'dynamic') return null
  const ranks = ranksOf(column)
  let ends = [first, first] as const
  for (const code of present) {
    if (ranks[code]! < ranks[ends[0]]!) ends = [code, ends[1]]
    if (ranks[code]! > ranks[ends[1]]!) ends = [ends[0], code]
  }
  return ends
}

interface Weighed {
  readonly row: number
  readonly count: number
}

function weigh(
  samples: readonly number[],
  counts: ArrayLike<number>,
  present: readonly number[],
): readonly Weighed[] {
  return present.map((code) => ({ row: samples[code]!, count: counts[code]! }))
}

/** Sum and mean of values that can be added; `null` for the others. */
export function totalOf(
  column: Column,
  values: readonly Weighed[],
): { readonly sum: string; readonly mean: string } | null {
  const count = values.reduce((sum, value) => sum + value.count, 0)
  if (count === 0) return null
  if (column.type === 'int' || column.type === 'real') {
    const sum = sumReals((column as NumberColumn).at.bind(column), values)
    return { sum: String(sum), mean: String(sum / count) }
  }
  if (column.type !== 'long' && column.type !== 'decimal' && column.type !== 'timespan') return null
  const sum = values.reduce((total, value) => total + exact(column, value.row) * BigInt(value.count), 0n)
  if (column.type === 'timespan')
    return { sum: formatTimespan(sum), mean: formatTimespan(sum / BigInt(count)) }
  if (column.type === 'decimal') return { sum: formatDecimal(sum), mean: formatDecimal(sum / BigInt(count)) }
  return { sum: String(sum), mean: formatDecimal((sum * 10n ** 18n) / BigInt(count)) }
}

function exact(column: Column, row: number): bigint {
  if (column instanceof TextColumn) return parseDecimal(column.at(row)) ?? 0n
  return BigInt(column.at(row))
}

/** Neumaier's sum: small numbers are not lost beside large ones. */
function sumReals(at: (row: number) => number, values: readonly Weighed[]): number {
  let sum = 0
  let lost = 0
  for (const { row, count } of values) {
    const value = at(row) * count
    const next = sum + value
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }
  return Number.isFinite(sum) ? sum + lost : sum
}

function topOf(
  column: Column,
  codes: readonly number[],
  counts: ArrayLike<number>,
  samples: readonly number[],
  most: number,
  timeZone: string,
): Count[] {
  const order = codes.toSorted((left, right) => counts[right]! - counts[left]! || left - right)
  return order.slice(0, most).map((code) => ({
    text: textOf(column, samples[code]!),
    shown: shownOf(column, samples[code]!, timeZone) ?? '',
    count: counts[code]!,
  }))
}

/** How often each value occurs, the most frequent first; nulls are a value too. */
export function countValues(column: Column, search: string, most: number, timeZone: string): Counts {
  const { samples, counts, nulls } = distinctOf(column)
  const wanted = search.toLowerCase()
  const codes = [...samples.keys()].filter(
    (code) => wanted === '' || searchedOf(column, samples[code]!, timeZone).includes(wanted),
  )
  const values = topOf(column, codes, counts, samples, most, timeZone)
  const hasNulls = nulls > 0 && (wanted === '' || 'null'.includes(wanted))
  if (hasNulls) {
    values.push({ text: null, shown: 'null', count: nulls })
    values.sort((left, right) => right.count - left.count)
    values.length = Math.min(values.length, most)
  }
  return { values, distinct: codes.length + (hasNulls ? 1 : 0), rows: column.length }
}

export function describeField(column: Column, index: number): Field {
  const { samples, counts, nulls } = distinctOf(column)
  const empty = samples.findIndex((row) => isEmpty(column, row))
  const missing = nulls + (empty === -1 ? 0 : counts[empty]!)
  const rows = column.length
  return { column: index, fill: rows === 0 ? 0 : (rows - missing) / rows, distinct: samples.length }
}
