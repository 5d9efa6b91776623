/** Numbers and moments of charts as people read them. */

export type Unit =
  'number' | 'percent' | 'bytes' | 'bytesPerSecond' | 'seconds' | 'milliseconds' | 'perSecond'

export const UNITS: readonly Unit[] = [
  'number',
  'percent',
  'bytes',
  'bytesPerSecond',
  'seconds',
  'milliseconds',
  'perSecond',
]

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 3 })
const SMALL = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 })
const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

export function formatNumber(value: number): string {
  return (Math.abs(value) < 1 ? SMALL : WHOLE).format(value)
}

/** A value with its unit; `isShort` for axes. */
export function formatValue(value: number | null, unit: Unit = 'number', isShort = false): string {
  if (value === null) return '–'
  switch (unit) {
    case 'percent':
      return `${formatNumber(value)} %`
    case 'bytes':
      return formatBytes(value)
    case 'bytesPerSecond':
      return `${formatBytes(value)}/s`
    case 'seconds':
      return formatSeconds(value)
    case 'milliseconds':
      return formatSeconds(value / 1000)
    case 'perSecond':
      return `${isShort ? formatShort(value) : formatNumber(value)}/s`
    default:
      return isShort ? formatShort(value) : formatNumber(value)
  }
}

function formatShort(value: number): string {
  return Math.abs(value) >= 10_000 ? SHORT.format(value) : formatNumber(value)
}

function formatBytes(value: number): string {
  const step = Math.min(SIZES.length - 1, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10))
  return `${SMALL.format(value / 1024 ** step)} ${SIZES[step]}`
}

function formatSeconds(value: number): string {
  const size = Math.abs(value)
  if (size >= 86_400) return `${SMALL.format(value / 86_400)} d`
  if (size >= 3600) return `${SMALL.format(value / 3600)} h`
  if (size >= 60) return `${SMALL.format(value / 60)} min`
  return size >= 1 || size === 0 ? `${SMALL.format(value)} s` : `${SMALL.format(value * 1000)} ms`
}

/** The unit that a column's values have of themselves: spans are seconds. */
export function unitOf(type: string, unit: Unit | undefined): Unit {
  return unit ?? (type === 'timespan' ? 'seconds' : 'number')
}

/** A moment, whole: date, time and zone. */
export function formatMoment(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(at)
}

const DAY = 86_400_000

/** A moment as an axis of that length needs it. */
export function formatTick(at: number, span: number, timeZone: string): string {
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(at)
  const isMidnight =
    part({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }) === '00:00:00'
  if (span > 300 * DAY) return part({ month: 'short', year: 'numeric' })
  if (isMidnight || span > 14 * DAY) return part({ day: 'numeric', month: 'short' })
  const seconds = span < 600_000 ? ({ second: '2-digit' } as const) : {}
  return part({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...seconds })
}

/** The zone that the browser is in. */
export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
