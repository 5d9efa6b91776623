/** How bad a row is, from the columns that logs say it in. */
import type { Column } from './columns'
import type { Tint } from './protocol'
import { textOf } from './texts'

/** In order of trust. */
const NAMES = ['severitylevel', 'level', 'loglevel', 'severity', 'resulttype']

const WORDS: Readonly<Record<string, Tint>> = {
  emerg: 'danger',
  emergency: 'danger',
  alert: 'danger',
  crit: 'danger',
  critical: 'danger',
  fatal: 'danger',
  err: 'danger',
  error: 'danger',
  failure: 'danger',
  failed: 'danger',
  high: 'danger',
  warn: 'warning',
  warning: 'warning',
  medium: 'warning',
}

export function findTintColumn(columns: readonly Column[]): Column | null {
  for (const name of NAMES) {
    const column = columns.find((candidate) => candidate.name.toLowerCase() === name)
    if (column) return column
  }
  return null
}

export function tintOf(column: Column | null, row: number): Tint {
  if (!column) return null
  const text = (textOf(column, row) ?? '').toLowerCase()
  if (/^\d+$/.test(text)) return tintOfNumber(column, Number(text))
  return WORDS[text] ?? null
}

/** Application Insights counts severity up (3 error, 4 critical); `Level` of Windows counts it down (1 critical, 2 error, 3 warning). */
function tintOfNumber(column: Column, value: number): Tint {
  const name = column.name.toLowerCase()
  if (name === 'severitylevel') return value >= 3 ? 'danger' : value === 2 ? 'warning' : null
  if (name === 'level') return value === 1 || value === 2 ? 'danger' : value === 3 ? 'warning' : null
  return name === 'resulttype' && value !== 0 ? 'danger' : null
}
