import { fromDate, toCalendarDateTime, toZoned, parseDateTime } from '@internationalized/date'
import { useState } from 'react'
import { t } from '@/i18n/en/ui'
import {
  absoluteTimespan,
  durationSeconds,
  parseShortDuration,
  resolveTimespan,
  type Timespan,
} from '@/lib/time'
import { Button } from './Button'
import { TextField } from './TextField'
import css from './TimeRangePicker.module.css'

interface AbsoluteRangeProps {
  readonly value: Timespan
  readonly timeZone: string
  readonly onChange: (value: Timespan) => void
}

/** Two instants written in the person's zone, or a length such as `90m`. */
export function AbsoluteRange({ value, timeZone, onChange }: AbsoluteRangeProps) {
  const [now] = useState(() => new Date())
  const range = resolveTimespan(value, now)
  const [from, setFrom] = useState(() =>
    written(range.from ?? new Date(now.getTime() - 86_400_000), timeZone),
  )
  const [to, setTo] = useState(() => written(range.to, timeZone))
  const [length, setLength] = useState('')
  const begin = readWritten(from, timeZone)
  const end = readWritten(to, timeZone)
  const duration = parseShortDuration(length)
  const isOrdered = !begin || !end || begin < end

  function apply() {
    if (duration && durationSeconds(duration)) onChange(duration)
    else if (length === '' && begin && end && isOrdered) onChange(absoluteTimespan(begin, end))
  }

  return (
    <form
      className={css['absolute']}
      onSubmit={(event) => {
        event.preventDefault()
        apply()
      }}
    >
      <TextField
        label={t.from}
        isCode
        value={from}
        onChange={setFrom}
        error={begin ? undefined : t.notATime}
      />
      <TextField
        label={t.to}
        isCode
        value={to}
        onChange={setTo}
        error={end ? (isOrdered ? undefined : t.endBeforeStart) : t.notATime}
      />
      <TextField
        label={t.orTheLast}
        isCode
        placeholder="90m"
        value={length}
        onChange={setLength}
        error={length === '' || duration ? undefined : t.notALength}
      />
      <span className={css['note']}>{t.timesIn(timeZone)}</span>
      <Button type="submit" variant="primary" isDisabled={!duration && !(begin && end && isOrdered)}>
        {t.apply}
      </Button>
    </form>
  )
}

function written(at: Date, timeZone: string): string {
  return toCalendarDateTime(fromDate(at, timeZone)).toString().slice(0, 19).replace('T', ' ')
}

/** The instant that `2026-11-22 10:00` means in the zone; null where it means none. */
export function readWritten(text: string, timeZone: string): Date | null {
  const [, day, time = '00:00'] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?$/.exec(text.trim()) ?? []
  if (!day) return null
  try {
    return toZoned(parseDateTime(`${day}T${time}`), timeZone).toDate()
  } catch {
    return null
  }
}
