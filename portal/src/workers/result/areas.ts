/** What is selected: its sum, and its copy. */
import { TextColumn, type Column } from './columns'
import { ranksOf, distinctOf } from './distinct'
import type { Area, CopyFormat, Summary } from './protocol'
import { totalOf } from './statistics'
import { quote } from '@/lib/kql-literal'
import { cellLiteral, shownOf, textOf } from './texts'
import { placeOf, type View } from './views'

/** Cells that are added up or copied; a larger selection takes its first rows. */
const MOST_CELLS = 2_000_000

export function rowsOf(view: View, area: Area): number[] {
  const [from, to] = area.lines
  const most = Math.ceil(MOST_CELLS / Math.max(area.columns.length, 1))
  const rows: number[] = []
  for (let line = from; line <= to && line < view.length && rows.length < most; line += 1) {
    const place = placeOf(view, line)
    if ('row' in place) rows.push(place.row)
  }
  return rows
}

/** Sum, mean and ends of the numbers of one type in the area; `null` where it has none, or of more than one type. */
export function summarizeArea(columns: readonly Column[], view: View, area: Area): Summary | null {
  const rows = rowsOf(view, area)
  const numeric = area.columns.flatMap((index) => {
    const column = columns[index]
    return column && isNumeric(column) ? [column] : []
  })
  const [first] = numeric
  if (!first || numeric.length > 1) return null
  const values = rows.filter((row) => !first.isNull(row)).map((row) => ({ row, count: 1 }))
  const total = totalOf(first, values)
  if (!total) return null
  const { codes } = distinctOf(first)
  const ranks = ranksOf(first)
  const order = values.toSorted((left, right) => ranks[codes[left.row]!]! - ranks[codes[right.row]!]!)
  return {
    cells: rows.length * area.columns.length,
    numbers: values.length,
    ...total,
    min: textOf(first, order[0]!.row) ?? '',
    max: textOf(first, order.at(-1)!.row) ?? '',
  }
}

function isNumeric(column: Column): boolean {
  return ['int', 'long', 'real', 'decimal', 'timespan'].includes(column.type)
}

export function copyArea(
  columns: readonly Column[],
  view: View,
  area: Area,
  format: CopyFormat,
  timeZone: string,
): string {
  const chosen = area.columns.flatMap((index) => columns[index] ?? [])
  const rows = rowsOf(view, area)
  if (format === 'json') return rows.map((row) => jsonOf(chosen, row)).join('\n')
  if (format === 'kql') return kqlOf(chosen, rows)
  const isOne = rows.length === 1 && chosen.length === 1
  const lines = rows.map((row) =>
    chosen
      .map((column) => {
        const text = column instanceof TextColumn ? textOf(column, row) : shownOf(column, row, timeZone)
        return isOne ? (text ?? '') : cellText(text ?? '')
      })
      .join('\t'),
  )
  if (format === 'textWithNames') lines.unshift(chosen.map((column) => cellText(column.name)).join('\t'))
  return lines.join('\n')
}

/** A cell between tabs: quoted where it would break the table, as spreadsheets read it. */
function cellText(text: string): string {
  return /["\t\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** One value as its literal, one column as a list, anything else as a `datatable`. */
function kqlOf(columns: readonly Column[], rows: readonly number[]): string {
  const [only] = columns
  if (columns.length === 1 && only) {
    const literals = [...new Set(rows.map((row) => cellLiteral(only, row)))]
    return literals.length === 1 ? (literals[0] ?? '') : `(${literals.join(', ')})`
  }
  const schema = columns.map((column) => `${nameOf(column.name)}:${column.type}`).join(', ')
  const body = rows.map((row) => `    ${columns.map((column) => cellLiteral(column, row)).join(', ')}`)
  return `datatable(${schema}) [\n${body.join(',\n')}\n]`
}

function nameOf(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `[${quote(name)}]`
}

/** A row as a JSON object; long keeps its digits, dynamic stands as it is. */
export function jsonOf(columns: readonly Column[], row: number, indent = ''): string {
  const members = columns.map(
    (column) => `${JSON.stringify(column.name)}:${indent && ' '}${jsonCell(column, row)}`,
  )
  return indent ? `{\n${members.map((member) => indent + member).join(',\n')}\n}` : `{${members.join(',')}}`
}

function jsonCell(column: Column, row: number): string {
  const text = textOf(column, row)
  if (text === null) return 'null'
  const isBare =
    column.type === 'dynamic' ||
    column.type === 'bool' ||
    column.type === 'long' ||
    column.type === 'int' ||
    (column.type === 'real' && Number.isFinite(Number(text)))
  return isBare ? text : JSON.stringify(text)
}
