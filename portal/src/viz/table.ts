/** Rows as charts read them: column by column, in whatever form a result hands out its values. */

export interface ChartColumn {
  readonly name: string
  /** The KQL type. */
  readonly type: string
}

export interface FilledColumn extends ChartColumn {
  /**
   * One value a row. datetime: ISO text, `Date` or epoch milliseconds; long: number, bigint or text; timespan: seconds
   * or KQL text; dynamic: JSON text or the parsed value; null is null.
   */
  readonly values: readonly unknown[]
}

export interface ChartTable {
  readonly columns: readonly FilledColumn[]
  readonly rowCount: number
}

/** No chart looks at more rows. */
export const CHART_ROWS = 100_000

export function tableOfRows(
  columns: readonly ChartColumn[],
  rows: readonly (readonly unknown[])[],
): ChartTable {
  const filled = columns.map((column, index) => ({
    ...column,
    values: rows.map((row) => row[index] ?? null),
  }))
  return { columns: filled, rowCount: rows.length }
}

const NUMBERS = new Set(['int', 'long', 'real', 'decimal'])

export function isNumeric(column: ChartColumn): boolean {
  return NUMBERS.has(column.type)
}

export function isTime(column: ChartColumn): boolean {
  return column.type === 'datetime'
}

/** The value as a number: datetime as epoch milliseconds, timespan as seconds; null for what is none. */
export function readNumber(value: unknown, type: string): number | null {
  if (value === null || value === undefined || value === '') return null
  if (type === 'datetime') return readTime(value)
  if (type === 'timespan' && typeof value === 'string') return readSpan(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

export function readTime(value: unknown): number | null {
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string') return null
  // Seven digits of a second are more than every engine reads, and text without a zone is UTC.
  const text = value
    .trim()
    .replace(' ', 'T')
    .replace(/(\.\d{3})\d+/, '$1')
  const moment = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`)
  return Number.isNaN(moment) ? null : moment
}

const SPAN = /^(-)?(?:(\d+)\.)?(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?$/

function readSpan(text: string): number | null {
  const found = SPAN.exec(text.trim())
  if (!found) return null
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0'] = found
  const size = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)
  return sign ? -size : size
}

/** The parsed value of a dynamic; text that is no JSON stays text. */
export function readDynamic(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value) as unknown
  } catch {
    return value
  }
}

/** The column's values as lists, if it is a dynamic whose values are lists (as `make-series` makes them). */
export function isListColumn(column: FilledColumn): boolean {
  if (column.type !== 'dynamic') return false
  const first = column.values.find((value) => value !== null && value !== undefined && value !== '')
  return Array.isArray(readDynamic(first))
}

export function readText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number)
}
