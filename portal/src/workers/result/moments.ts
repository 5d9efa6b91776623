/** Times and durations in ticks of 100 ns, exact: a Date holds milliseconds only. */

export const TICKS_PER_SECOND = 10_000_000n
const TICKS_PER_MINUTE = 60n * TICKS_PER_SECOND
const TICKS_PER_DAY = 86_400n * TICKS_PER_SECOND
const TICKS_PER_MILLISECOND = 10_000n

/** The latest second that a Date can be asked for, and the earliest year that we print, keep the rest out. */
const pad = (value: number | bigint, digits: number) => String(value).padStart(digits, '0')

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value % by < 0n ? quotient - 1n : quotient
}

/** `2026-11-22T11:42:06.9010000Z`: what the query API sends, always seven digits. */
export function formatUtc(ticks: bigint): string {
  const { date, fraction } = split(ticks)
  return `${date.replace(' ', 'T')}.${fraction}Z`
}

/** `2026-11-22 12:42:06.901` in a time zone; digits after the milliseconds only where there are any. */
export function formatLocal(ticks: bigint, timeZone: string): string {
  const { date, fraction } = split(ticks + offsetOf(ticks, timeZone))
  const rest = fraction.slice(3).replace(/0+$/, '')
  return `${date}.${fraction.slice(0, 3)}${rest}`
}

function split(ticks: bigint): { date: string; fraction: string } {
  const seconds = floorDivide(ticks, TICKS_PER_SECOND)
  const fraction = pad(ticks - seconds * TICKS_PER_SECOND, 7)
  const moment = new Date(Number(seconds) * 1000)
  const date = `${pad(moment.getUTCFullYear(), 4)}-${pad(moment.getUTCMonth() + 1, 2)}-${pad(moment.getUTCDate(), 2)}`
  const time = `${pad(moment.getUTCHours(), 2)}:${pad(moment.getUTCMinutes(), 2)}:${pad(moment.getUTCSeconds(), 2)}`
  return { date: `${date} ${time}`, fraction }
}

const formats = new Map<string, Intl.DateTimeFormat>()
const offsets = new Map<string, Map<bigint, bigint>>()

/** Ticks that the zone's clocks are ahead of UTC then. Asked of `Intl` once for each quarter of an hour. */
function offsetOf(ticks: bigint, timeZone: string): bigint {
  if (timeZone === 'UTC') return 0n
  const quarter = floorDivide(ticks, 15n * TICKS_PER_MINUTE)
  let known = offsets.get(timeZone)
  if (!known) offsets.set(timeZone, (known = new Map()))
  let offset = known.get(quarter)
  if (offset === undefined) {
    offset = readOffset(Number((quarter * 15n * TICKS_PER_MINUTE) / TICKS_PER_MILLISECOND), timeZone)
    known.set(quarter, offset)
  }
  return offset
}

function readOffset(milliseconds: number, timeZone: string): bigint {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    formats.set(timeZone, format)
  }
  const name = format.formatToParts(milliseconds).find((part) => part.type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes, seconds] = /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name) ?? []
  const ahead = BigInt(hours ?? 0) * 3600n + BigInt(minutes ?? 0) * 60n + BigInt(seconds ?? 0)
  return (sign === '-' ? -ahead : ahead) * TICKS_PER_SECOND
}

/** Reads what `formatUtc` prints, and any shorter ISO form in UTC or with an offset; `null` where it is none. */
export function parseMoment(text: string): bigint | null {
  const found =
    /^\s*(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?\s*$/i.exec(
      text,
    )
  if (!found) return null
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = found
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}${zone === 'z' ? 'Z' : zone}`
  const milliseconds = Date.parse(iso)
  if (Number.isNaN(milliseconds)) return null
  return BigInt(milliseconds) * TICKS_PER_MILLISECOND + BigInt(fraction.padEnd(7, '0'))
}

/** `[-][d.]hh:mm:ss[.fffffff]`, as KQL prints a timespan. */
export function formatTimespan(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks
  const days = size / TICKS_PER_DAY
  const seconds = (size % TICKS_PER_DAY) / TICKS_PER_SECOND
  const fraction = size % TICKS_PER_SECOND
  const clock = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n].map((part) => pad(part, 2)).join(':')
  return `${ticks < 0n ? '-' : ''}${days > 0n ? `${days}.` : ''}${clock}${fraction > 0n ? `.${pad(fraction, 7)}` : ''}`
}

const UNITS: Readonly<Record<string, bigint>> = {
  d: TICKS_PER_DAY,
  h: 3600n * TICKS_PER_SECOND,
  m: TICKS_PER_MINUTE,
  s: TICKS_PER_SECOND,
  ms: TICKS_PER_MILLISECOND,
}

/** Reads what `formatTimespan` prints, and KQL's `5m`, `1.5h`; `null` where it is neither. */
export function parseTimespan(text: string): bigint | null {
  const short = /^\s*(-?\d+(?:\.\d+)?)\s*(ms|[dhms])\s*$/.exec(text)
  if (short) return BigInt(Math.round(Number(short[1]) * Number(UNITS[short[2] ?? 's'])))
  const found = /^\s*(-)?(?:(\d+)\.)?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?\s*$/.exec(text)
  if (!found) return null
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = found
  const whole = BigInt(days) * 86_400n + BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds)
  const ticks = whole * TICKS_PER_SECOND + BigInt(fraction.padEnd(7, '0'))
  return sign ? -ticks : ticks
}
