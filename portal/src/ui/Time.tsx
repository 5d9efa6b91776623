import { formatAge, formatTime, formatUtc, type TimeFormat } from '@/lib/time'
import { useTimeZone } from '@/lib/preferences'

export interface TimeProps {
  /** ISO 8601 text or a date; nothing is shown for what is no time. */
  readonly value: string | Date | null | undefined
  readonly format?: TimeFormat | 'age'
}

/** A time in the person's zone; UTC and how long ago on hover. */
export function Time({ value, format = 'datetime' }: TimeProps) {
  const timeZone = useTimeZone()
  const at = value instanceof Date ? value : new Date(value ?? Number.NaN)
  if (Number.isNaN(at.getTime())) return null
  const age = formatAge(at)
  const title =
    format === 'age' ? `${formatTime(at, timeZone)}\n${formatUtc(at)}` : `${formatUtc(at)}\n${age}`
  return (
    <time dateTime={at.toISOString()} title={title}>
      {format === 'age' ? age : formatTime(at, timeZone, format)}
    </time>
  )
}
