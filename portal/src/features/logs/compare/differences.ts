import type { RunColumn } from '../run/state'

export interface ValueCount {
  readonly value: string
  readonly picked: number
  readonly rest: number
}

export interface ComparedValue extends ValueCount {
  /** Of the picked rows, and of the rest: from 0 to 1. */
  readonly pickedShare: number
  readonly restShare: number
}

/** How a column's values are spread over the picked rows and over the rest. */
export interface Difference {
  readonly column: RunColumn
  /** The part of the picked rows that would need another value to be spread as the rest is: from 0 to 1. */
  readonly distance: number
  /** Those that differ most, the greatest difference first. */
  readonly values: readonly ComparedValue[]
  readonly more: number
}

const MOST_SHOWN = 5

/** Columns by how much they differ, the most first; none where one of the two parts has no rows. */
export function rank(
  compared: readonly { readonly column: RunColumn; readonly counts: readonly ValueCount[] }[],
): Difference[] {
  return compared
    .flatMap(({ column, counts }) => differenceOf(column, counts) ?? [])
    .toSorted(
      (one, other) => other.distance - one.distance || one.column.name.localeCompare(other.column.name),
    )
}

function differenceOf(column: RunColumn, counts: readonly ValueCount[]): Difference | null {
  const picked = counts.reduce((sum, count) => sum + count.picked, 0)
  const rest = counts.reduce((sum, count) => sum + count.rest, 0)
  if (picked === 0 || rest === 0) return null
  const values = counts
    .map((count) => ({ ...count, pickedShare: count.picked / picked, restShare: count.rest / rest }))
    .toSorted((one, other) => gap(other) - gap(one) || one.value.localeCompare(other.value))
  const distance = values.reduce((sum, value) => sum + gap(value), 0) / 2
  return {
    column,
    distance,
    values: values.slice(0, MOST_SHOWN),
    more: Math.max(0, values.length - MOST_SHOWN),
  }
}

function gap({ pickedShare, restShare }: ComparedValue): number {
  return Math.abs(pickedShare - restShare)
}
