/** A cell as people read it, as the wire writes it, and as KQL says it. */
import { literalOf } from '@/lib/kql-literal'
import { NumberColumn, TextColumn, type Column } from './columns'
import { formatLocal, formatTimespan, formatUtc } from './moments'
import type { Cell } from './protocol'

/** Bytes of a cell that a grid shows; the rest is fetched when somebody opens it. */
export const SHOWN_BYTES = 512

function formatReal(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value)
}

function formatNumber(column: NumberColumn, row: number): string {
  const value = column.at(row)
  return column.type === 'bool' ? (value === 0 ? 'false' : 'true') : String(value)
}

/** The whole value in canonical text, as the query API writes it; `null` for null. */
export function textOf(column: Column, row: number): string | null {
  if (column.isNull(row)) return null
  if (column instanceof TextColumn) return column.at(row)
  if (column instanceof NumberColumn) return formatNumber(column, row)
  const value = column.at(row)
  if (column.type === 'datetime') return formatUtc(value)
  return column.type === 'timespan' ? formatTimespan(value) : String(value)
}

/** What the grid shows: times in the reader's zone, long texts cut. */
export function shownOf(column: Column, row: number, timeZone: string): string | null {
  if (column.isNull(row)) return null
  if (column instanceof TextColumn) return column.at(row, SHOWN_BYTES)
  if (column.type === 'datetime' && !(column instanceof NumberColumn))
    return formatLocal(column.at(row), timeZone)
  return textOf(column, row)
}

export function isCut(column: Column, row: number): boolean {
  return column instanceof TextColumn && column.size(row) > SHOWN_BYTES
}

/** The value as a KQL literal of its type. */
export function cellLiteral(column: Column, row: number): string {
  const text = textOf(column, row)
  if (column.type === 'real' && text !== null) return realLiteral(column.at(row) as number)
  return literalOf(text, column.type)
}

function realLiteral(value: number): string {
  if (Number.isNaN(value)) return 'real(nan)'
  if (!Number.isFinite(value)) return value > 0 ? 'real(+inf)' : 'real(-inf)'
  return value < 0 ? `real(${value})` : formatReal(value)
}

/** The value as a chart takes it: times in milliseconds, durations in seconds, a long as a number where it fits one. */
export function cellOf(column: Column, row: number): Cell {
  if (column.isNull(row)) return null
  if (column instanceof TextColumn) return column.at(row)
  if (column instanceof NumberColumn) return column.type === 'bool' ? column.at(row) !== 0 : column.at(row)
  const value = column.at(row)
  if (column.type === 'datetime') return Number(value) / 10_000
  if (column.type === 'timespan') return Number(value) / 10_000_000
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
