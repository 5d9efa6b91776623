/** Which values pass a column's filter: each different value is looked at once. */
import { LongColumn, NumberColumn, TextColumn, type Column } from './columns'
import { parseDecimal } from './decimals'
import { distinctOf, NULL } from './distinct'
import { parseMoment, parseTimespan } from './moments'
import type { ColumnFilter } from './protocol'
import { shownOf, textOf } from './texts'

/** Bytes of a text that a search looks through. */
const SEARCHED_BYTES = 4_000_000

/** What is searched in a value: all of it, as it is shown. */
export function searchedOf(column: Column, row: number, timeZone: string): string {
  const text =
    column instanceof TextColumn ? column.at(row, SEARCHED_BYTES) : (shownOf(column, row, timeZone) ?? '')
  return text.toLowerCase()
}

/** Drops the rows that the filter refuses from `rows`, in place; returns how many stay. */
export function keepRows(
  column: Column,
  filter: ColumnFilter,
  rows: Uint32Array,
  count: number,
  timeZone: string,
): number {
  const { codes, samples } = distinctOf(column)
  const test = conditionOf(column, filter, timeZone)
  const passes = Uint8Array.from(samples, (row) => (test(row) ? 1 : 0))
  const nullPasses = passesNull(filter)
  let kept = 0
  for (let index = 0; index < count; index += 1) {
    const row = rows[index]!
    const code = codes[row]!
    if (code === NULL ? nullPasses : passes[code] === 1) rows[kept++] = row
  }
  return kept
}

function passesNull(filter: ColumnFilter): boolean {
  switch (filter.op) {
    case 'contains':
      return filter.text === ''
    case 'range':
      return filter.from === '' && filter.to === ''
    default:
      return filter.values.includes(null) === (filter.op === 'in')
  }
}

function conditionOf(column: Column, filter: ColumnFilter, timeZone: string): (row: number) => boolean {
  if (filter.op === 'contains') {
    const wanted = filter.text.toLowerCase()
    return (row) => searchedOf(column, row, timeZone).includes(wanted)
  }
  if (filter.op === 'range') return rangeTest(column, filter.from, filter.to)
  const values = new Set(filter.values)
  const isWanted = filter.op === 'in'
  return (row) => values.has(textOf(column, row)) === isWanted
}

/** From and to, both included; an end that is empty or no value of the type is no end. */
function rangeTest(column: Column, from: string, to: string): (row: number) => boolean {
  const least = boundOf(column, from)
  const most = boundOf(column, to)
  return (row) => {
    const value = valueOf(column, row)
    return value !== null && (least === null || value >= least) && (most === null || value <= most)
  }
}

type Bound = string | number | bigint

/** The bound that a text means for a column; `null` where it means none. */
export function boundOf(column: Column, text: string): Bound | null {
  if (text.trim() === '') return null
  if (column.type === 'datetime') return parseMoment(text)
  if (column.type === 'timespan') return parseTimespan(text)
  if (column.type === 'decimal') return parseDecimal(text)
  if (column instanceof LongColumn)
    return /^\s*[+-]?\d+\s*$/.test(text) ? BigInt(text.trim()) : numberOf(text)
  if (column instanceof NumberColumn) return numberOf(text)
  return text
}

function numberOf(text: string): number | null {
  const number = Number(text)
  return Number.isNaN(number) ? null : number
}

function valueOf(column: Column, row: number): Bound | null {
  if (column.type === 'decimal' && column instanceof TextColumn) return parseDecimal(column.at(row))
  return column.at(row)
}
