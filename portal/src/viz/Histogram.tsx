/** Where in time the rows lie: bars that one picks a range from, by pointer or keyboard. Props only. */

import { useMemo, useState } from 'react'
import { t } from '@/i18n/en/viz'
import { BarsPicture, type Picked } from './BarsPicture'
import { histogramStep, makeBars, type Bars } from './bins'
import { formatMoment, formatNumber, localZone } from './format'
import styles from './histogram.module.css'
import type { ChartTable } from './table'

export interface HistogramProps {
  /** The answer to `histogramQuery`; null until there is one. */
  readonly table: ChartTable | null
  readonly from: Date
  readonly to: Date
  readonly state: 'waiting' | 'running' | 'done' | 'error'
  readonly error?: string
  readonly timeZone?: string
  /** What the bars are broken down by, and by what they can be. */
  readonly by?: string | null
  readonly columns?: readonly string[]
  readonly onBrush: (range: { readonly from: Date; readonly to: Date }) => void
  /** Back to the range before the last brush; absent where there is none. */
  readonly onBack?: () => void
  readonly onBreakdown?: (column: string | null) => void
  readonly onHide: () => void
  /** Compares the picked part with the rest; null compares all bars with what the last brush left out. */
  readonly onCompare?: (range: { readonly from: Date; readonly to: Date } | null) => void
}

export function Histogram(props: HistogramProps) {
  const { table, from, to, timeZone = localZone(), onBrush } = props
  const [picked, setPicked] = useState<Picked | null>(null)
  const bars = useMemo(
    () => (table ? makeBars(table, from, to, histogramStep(from, to), t.histogram.rest) : null),
    [table, from, to],
  )
  const rangeOf = (chosen: Picked) => {
    const [first, last] = [bars?.bars[chosen.first], bars?.bars[chosen.last]]
    return { from: new Date(first?.from ?? from), to: new Date(last?.to ?? to) }
  }
  return (
    <section className={styles['histogram']} aria-label={t.histogram.bars} data-state={props.state}>
      <div className={styles['bar']}>
        <Told {...props} bars={bars} timeZone={timeZone} />
        {bars && bars.values.length > 1 && <Values bars={bars} />}
        <Tools {...props} range={picked && rangeOf(picked)} />
      </div>
      {bars && (
        <BarsPicture
          bars={bars}
          timeZone={timeZone}
          picked={picked}
          onPick={setPicked}
          onApply={(chosen) => {
            setPicked(null)
            onBrush(rangeOf(chosen))
          }}
          onBack={props.onBack}
        />
      )}
    </section>
  )
}

function Told({
  state,
  error = '',
  bars,
  from,
  to,
  timeZone,
}: HistogramProps & { readonly bars: Bars | null; readonly timeZone: string }) {
  if (state === 'error') return <small role="alert">{t.histogram.failed(error)}</small>
  if (state === 'waiting') return <small>{t.histogram.waiting}</small>
  if (!bars) return <small>{t.histogram.running}</small>
  return (
    <small>
      {t.histogram.title(
        formatNumber(bars.total),
        formatMoment(from.getTime(), timeZone),
        formatMoment(to.getTime(), timeZone),
      )}
    </small>
  )
}

function Values({ bars }: { readonly bars: Bars }) {
  return (
    <ul className={styles['values']}>
      {bars.values.map((name, index) => (
        <li key={name}>
          <svg width="10" height="10" aria-hidden="true">
            <rect width="10" height="10" className={styles['part']} data-part={index % 8} />
          </svg>
          {name || '""'}
        </li>
      ))}
    </ul>
  )
}

function Tools(props: HistogramProps & { readonly range: { from: Date; to: Date } | null }) {
  const { columns = [], by, onBreakdown, onBack, onCompare, onHide, range } = props
  return (
    <span className={styles['tools']}>
      {onBreakdown && (
        <label>
          {t.histogram.by}
          <select value={by ?? ''} onChange={(event) => onBreakdown(event.target.value || null)}>
            <option value="">{t.histogram.byNothing}</option>
            {columns.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {onBack && (
        <button type="button" onClick={onBack}>
          {t.histogram.back}
        </button>
      )}
      {onCompare && (range || onBack) && (
        <button type="button" onClick={() => onCompare(range)}>
          {t.histogram.compare}
        </button>
      )}
      <button type="button" onClick={onHide}>
        {t.histogram.hide}
      </button>
    </span>
  )
}
