import { useState } from 'react'
import { t } from '@/i18n/en/viz'
import styles from './chart.module.css'
import type { AxesDescription } from './describe'
import { formatMoment } from './format'

interface Props {
  readonly chart: AxesDescription
  readonly timeZone: string
  readonly onBrush: (range: { readonly from: Date; readonly to: Date }) => void
}

/** The brush by keyboard: two fields for the ends of the range, in the zone that the chart is labelled in. */
export function RangeFields({ chart, timeZone, onBrush }: Props) {
  const [isOpen, setOpen] = useState(false)
  const [problem, setProblem] = useState('')
  const places = chart.series.flatMap(({ points }) => points.map(({ x }) => Number(x)))
  const first = places.reduce((a, b) => Math.min(a, b), Infinity)
  const last = places.reduce((a, b) => Math.max(a, b), -Infinity)
  if (!isOpen) {
    return (
      <button type="button" onClick={() => setOpen(true)}>
        {t.range}
      </button>
    )
  }
  function apply(form: FormData) {
    const [from, to] = [
      readLocal(String(form.get('from')), timeZone),
      readLocal(String(form.get('to')), timeZone),
    ]
    if (!(from < to)) return setProblem(t.rangeWrong)
    setOpen(false)
    return onBrush({ from: new Date(from), to: new Date(to) })
  }
  return (
    <form action={apply} className={styles['range']} aria-label={t.range}>
      <label>
        {t.rangeFrom}
        <input
          type="datetime-local"
          name="from"
          step="1"
          defaultValue={localText(first, timeZone)}
          required
        />
      </label>
      <label>
        {t.rangeTo}
        <input type="datetime-local" name="to" step="1" defaultValue={localText(last, timeZone)} required />
      </label>
      <button type="submit">{t.rangeApply}</button>
      <button type="button" onClick={() => setOpen(false)}>
        {t.rangeCancel}
      </button>
      {problem && <small role="alert">{problem}</small>}
    </form>
  )
}

function localText(at: number, timeZone: string): string {
  return formatMoment(at, timeZone).replace(' ', 'T')
}

/** The moment that a clock in the zone shows as that text. */
export function readLocal(text: string, timeZone: string): number {
  const asUtc = Date.parse(`${text}Z`)
  const offset = Date.parse(`${localText(asUtc, timeZone)}Z`) - asUtc
  // The offset may be another one at the moment that was meant.
  const meant = asUtc - offset
  return asUtc - (Date.parse(`${localText(meant, timeZone)}Z`) - meant)
}
