/** What a click on a value asks of the query's text: the server makes the edit. */
import type { ColumnType, Result } from '@/workers/result'

export type EditOperation =
  'filterTo' | 'filterOut' | 'contains' | 'has' | 'before' | 'after' | 'extend' | 'countBy'

export interface CellEdit {
  readonly op: EditOperation
  readonly column: string
  readonly type: ColumnType
  /** Of a value inside a dynamic one: the way to it. */
  readonly path?: readonly (string | number)[]
  /** Canonical text; null for null. */
  readonly value: string | null
  /** Run at once. */
  readonly isImmediate: boolean
}

export type OnEdit = (edit: CellEdit) => void

/** Leads from a row to the one before or after it in a grid's order; null at the ends. */
export type StepRow = (row: number, by: 1 | -1) => Promise<number | null>

/** The edit of a cell, with its whole value. */
export async function editOf(
  result: Result,
  row: number,
  column: number,
  op: EditOperation,
  isImmediate: boolean,
): Promise<CellEdit> {
  const { name, type } = result.state.columns[column]!
  return { op, column: name, type, value: await result.text(row, column), isImmediate }
}

/** What can be asked about a value of a type; null has no parts and no order. */
export function operationsFor(type: ColumnType, isNull: boolean): readonly EditOperation[] {
  const always = ['filterTo', 'filterOut'] as const
  if (isNull) return [...always, 'countBy']
  if (type === 'datetime') return [...always, 'before', 'after', 'countBy']
  if (type === 'string') return [...always, 'contains', 'has', 'countBy']
  return type === 'dynamic' ? ['contains', 'has', 'countBy'] : [...always, 'countBy']
}
