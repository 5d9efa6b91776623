import { t } from '@/i18n/en/tables'
import css from './retention.module.css'

/** The longest time that is drawn as such; twelve years would leave nothing of thirty days. */
const DRAWN_DAYS = 730

interface Props {
  readonly interactive: number | undefined
  readonly total: number | undefined
}

/** How long queries see a record, and how long it is kept at all. */
export function RetentionBar({ interactive, total }: Props) {
  if (interactive === undefined || total === undefined) return null
  const share = (days: number) => `${(Math.min(days, DRAWN_DAYS) / DRAWN_DAYS) * 100}%`
  return (
    <span className={css['retention']}>
      <span className={css['track']} aria-hidden>
        <span className={css['interactive']} style={{ width: share(interactive) }} />
        <span className={css['archive']} style={{ width: share(total - interactive) }} />
      </span>
      {t.retentionOf(interactive, total)}
    </span>
  )
}
