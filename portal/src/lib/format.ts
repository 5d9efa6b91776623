/** Numbers as people read them. */

const counts = new Intl.NumberFormat()
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 })
const percents = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 })

export function formatCount(count: number | bigint): string {
  return counts.format(count)
}

/** `41M`, `1.2K`: where a figure must be small; the exact one belongs in a hover. */
export function formatShortCount(count: number | bigint): string {
  return short.format(count)
}

/** A share of one as percent. */
export function formatShare(share: number): string {
  return percents.format(share)
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

/** Bytes in decimal units, as Log Analytics counts and bills them. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1)
  const value = bytes / 1000 ** power
  return `${new Intl.NumberFormat(undefined, { maximumSignificantDigits: power === 0 ? 4 : 3 }).format(value)} ${UNITS[power]}`
}

/** A cell of a CSV file that no spreadsheet takes for a formula. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = value instanceof Date ? value.toISOString() : String(value)
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  const disarmed = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(disarmed) ? `"${disarmed.replaceAll('"', '""')}"` : disarmed
}

export function csvText(lines: readonly (readonly unknown[])[]): string {
  return `${lines.map((line) => line.map((value) => csvCell(value)).join(',')).join('\r\n')}\r\n`
}
