/** Times as people read them, and time ranges as the query API takes them. */

import { t } from '@/i18n/en/time'

/**
 * A time range in the query API's own words: an ISO 8601 duration that ends now (`PT24H`, `P7D`), or two instants
 * parted by a slash. The empty text stands for "all time".
 */
export type Timespan = string

const FORMATS = {
  datetime: { dateStyle: 'medium', timeStyle: 'medium' },
  date: { dateStyle: 'medium' },
  time: { timeStyle: 'medium' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

export type TimeFormat = keyof typeof FORMATS

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatter(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = timeZone + JSON.stringify(options)
  let found = formatters.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(undefined, { ...options, hourCycle: 'h23', timeZone })
    formatters.set(key, found)
  }
  return found
}

export function formatTime(at: Date, timeZone: string, format: TimeFormat = 'datetime'): string {
  return formatter(timeZone, FORMATS[format]).format(at)
}

/** The instant in UTC to the second: what a hover shows beside the zone's own time. */
export function formatUtc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

const UNITS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** "3 minutes ago", "in 2 days". */
export function formatAge(at: Date, now: Date = new Date()): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000)
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  return new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }).format(
    Math.trunc(seconds / length),
    unit,
  )
}

/** A length of time in its two greatest units: `2 h 5 min`, `41 s`, `0.31 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(2))} s`
  const whole = Math.round(seconds)
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3_600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ')
}

const DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

/** The seconds of an ISO 8601 duration without months and years; null where the text is none. */
export function durationSeconds(text: string): number | null {
  const found = DURATION.exec(text)
  if (!found || text === 'P' || text.endsWith('T')) return null
  const [weeks, days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0))
  return ((weeks! * 7 + days!) * 24 + hours!) * 3600 + minutes! * 60 + seconds!
}

/** The two instants of a range; `from` is null where it has no beginning. */
export function resolveTimespan(timespan: Timespan, now: Date): { from: Date | null; to: Date } {
  const [first, second] = timespan.split('/')
  if (second !== undefined) return { from: new Date(first!), to: new Date(second) }
  const seconds = durationSeconds(timespan)
  return { from: seconds === null ? null : new Date(now.getTime() - seconds * 1000), to: now }
}

export function absoluteTimespan(from: Date, to: Date): Timespan {
  return `${from.toISOString()}/${to.toISOString()}`
}

/** Whether the text is a range that can be sent. */
export function isTimespan(timespan: Timespan): boolean {
  if (timespan === '') return true
  const [from, to] = timespan.split('/').map((part) => Date.parse(part))
  if (to !== undefined) return from! < to
  return (durationSeconds(timespan) ?? 0) > 0
}

/** A range in words: "Last 24 hours", or its two instants in the zone. */
export function formatTimespan(timespan: Timespan, timeZone: string): string {
  if (timespan === '') return t.wholeTime
  if (timespan.includes('/')) {
    const { from, to } = resolveTimespan(timespan, new Date(0))
    return from ? formatter(timeZone, FORMATS.datetime).formatRange(from, to) : t.wholeTime
  }
  const seconds = durationSeconds(timespan)
  return seconds === null ? timespan : t.last(wordsOf(seconds))
}

function wordsOf(seconds: number): string {
  const units = [
    [86_400, t.days],
    [3_600, t.hours],
    [60, t.minutes],
    [1, t.seconds],
  ] as const
  // 24 hours stay hours: a day is a date to many.
  const [size, name] = units.find(([unit]) => seconds % unit === 0) ?? [1, t.seconds]
  return seconds === 86_400 ? t.hours(24) : name(seconds / size)
}

/** What one may type after `t`, or in the picker: `1h`, `30m`, `7d`, `2w`. Null where it is no such thing. */
export function parseShortDuration(text: string): Timespan | null {
  const found = /^(\d+)\s*([smhdw])$/.exec(text.trim().toLowerCase())
  if (!found || Number(found[1]) === 0) return null
  const [, count, unit] = found
  if (unit === 'd') return `P${count}D`
  if (unit === 'w') return `P${Number(count) * 7}D`
  return `PT${count}${unit!.toUpperCase()}`
}

/** All zones that the browser knows, UTC first. */
export function listTimeZones(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
}
