import type { ReactNode } from 'react'

export type ListValue = string | number | bigint | boolean | Date | null | undefined

export interface ListColumn<T> {
  readonly id: string
  readonly label: string
  /** What sort, filter and CSV take; the cell shows it too unless `cell` draws something else. */
  readonly value: (row: T) => ListValue
  readonly cell?: (row: T) => ReactNode
  readonly align?: 'start' | 'end'
  /** Pixels at least. */
  readonly width?: number
  /** Its share of the room left over; 0 keeps the width. */
  readonly grow?: number
  /** Left out until somebody chooses it. */
  readonly isHidden?: boolean
}

export interface ListSort {
  readonly column: string
  readonly isDescending: boolean
}

/** `name`, or `-name` for the other way round, as it stands in the address. */
export function parseSort(text: string): ListSort | null {
  if (text === '') return null
  return text.startsWith('-')
    ? { column: text.slice(1), isDescending: true }
    : { column: text, isDescending: false }
}

/** The next of the three orders that a press on a heading goes through: up, down, as it came. */
export function nextSort(current: ListSort | null, column: string): string {
  if (current?.column !== column) return column
  return current.isDescending ? '' : `-${column}`
}

/** The rows that hold every word of the filter in some column, in the order asked for. */
export function arrange<T>(
  rows: readonly T[],
  columns: readonly ListColumn<T>[],
  filter: string,
  sort: ListSort | null,
): readonly T[] {
  const words = filter.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  const kept =
    words.length === 0
      ? rows
      : rows.filter((row) => {
          const text = columns
            .map((column) => textOf(column.value(row)))
            .join('\n')
            .toLocaleLowerCase()
          return words.every((word) => text.includes(word))
        })
  const column = sort && columns.find(({ id }) => id === sort.column)
  if (!column) return kept
  const sign = sort.isDescending ? -1 : 1
  return kept.toSorted((one, other) => compare(column.value(one), column.value(other), sign))
}

/** What is missing comes last, whichever way the order goes. */
function compare(one: ListValue, other: ListValue, sign: number): number {
  if (one === null || one === undefined) return other === null || other === undefined ? 0 : 1
  if (other === null || other === undefined) return -1
  if (typeof one === 'string' && typeof other === 'string') return sign * names.compare(one, other)
  return sign * (one < other ? -1 : one > other ? 1 : 0)
}

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

export function textOf(value: ListValue): string {
  if (value === null || value === undefined) return ''
  return value instanceof Date ? value.toISOString() : String(value)
}
