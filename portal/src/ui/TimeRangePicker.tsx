import { Clock } from 'lucide-react'
import { useState } from 'react'
import { t } from '@/i18n/en/ui'
import { useTimeZone } from '@/lib/preferences'
import { formatTimespan, type Timespan } from '@/lib/time'
import { AbsoluteRange } from './AbsoluteRange'
import { Button } from './Button'
import { Popover } from './Popover'
import css from './TimeRangePicker.module.css'

export interface TimeRangePickerProps {
  /** An ISO 8601 duration up to now, two instants parted by `/`, or empty for all time. */
  readonly value: Timespan
  readonly onChange: (value: Timespan) => void
  /** Whether all time may be chosen. */
  readonly allowsAll?: boolean
  /** The query names its times itself: the range is not asked for. */
  readonly isSetInQuery?: boolean
  readonly size?: 'normal' | 'small'
}

const RELATIVE = ['PT15M', 'PT30M', 'PT1H', 'PT4H', 'PT12H', 'PT24H', 'P3D', 'P7D', 'P30D', 'P90D'] as const

export function TimeRangePicker({
  value,
  onChange,
  allowsAll,
  isSetInQuery,
  size = 'normal',
}: TimeRangePickerProps) {
  const timeZone = useTimeZone()
  const [isOpen, setOpen] = useState(false)
  const words = isSetInQuery ? t.setInQuery : formatTimespan(value, timeZone)

  function choose(next: Timespan) {
    setOpen(false)
    onChange(next)
  }

  return (
    <Popover
      label={t.timeRange}
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button size={size} icon={<Clock aria-hidden />} aria-label={t.timeRangeIs(words)}>
          {words}
        </Button>
      }
    >
      <div className={css['columns']}>
        <div className={css['relative']}>
          {[...RELATIVE, ...(allowsAll ? [''] : [])].map((range) => (
            <Button
              key={range}
              size="small"
              variant={range === value && !isSetInQuery ? 'primary' : 'quiet'}
              onPress={() => choose(range)}
            >
              {formatTimespan(range, timeZone)}
            </Button>
          ))}
        </div>
        <AbsoluteRange value={value} timeZone={timeZone} onChange={choose} />
      </div>
    </Popover>
  )
}
