import { t } from '@/i18n/en/usage'
import { formatBytes } from '@/lib/format'
import { Badge, Section, Status, Time } from '@/ui'
import type { Usage } from './api'
import type { Measure } from './series'

interface Props {
  readonly usage: Usage
  readonly measure: Measure
}

/** What the numbers are and are not: until when, by whose prices, without what. */
export function Notes({ usage, measure }: Props) {
  return (
    <div>
      {!usage.pricesAreSet && hasCosts(usage) && <Status tone="warning" word={t.noPrices(usage.currency)} />}
      {usage.unpriced > 0 && <Status tone="info" word={t.unpriced(usage.unpriced)} />}
      <p>
        {usage.measuredUntil === null ? (
          t.notMeasured
        ) : (
          <>
            {t.measuredUntil} <Time value={usage.measuredUntil} />.
          </>
        )}{' '}
        {t.measuredText} {measure === 'volume' && <CapNote usage={usage} />}
      </p>
    </div>
  )
}

/** Whether the person may see what it costs. */
export function hasCosts(usage: Usage): boolean {
  return usage.groups.some((group) => group.amounts !== null)
}

/** Where the month leads, and how that is computed. */
export function Outlook({ usage, money }: { readonly usage: Usage; readonly money: Intl.NumberFormat }) {
  const { forecast } = usage
  return (
    <Section title={t.forecast}>
      {forecast === null ? (
        <p>{t.forecastNone}</p>
      ) : (
        <>
          <div>
            <Badge>{t.forecastAmount(money.format(forecast.amount))}</Badge>
          </div>
          <p>
            {t.forecastHow(
              money.format(forecast.spent),
              money.format(forecast.dailyAverage),
              forecast.averagedDays,
              forecast.daysLeft,
            )}
          </p>
        </>
      )}
    </Section>
  )
}

function CapNote({ usage }: { readonly usage: Usage }) {
  if (usage.capped === 0) return null
  if (usage.capBytes === null) return <>{t.capSome(usage.capped, usage.workspaces)}</>
  return <>{t.capOf(formatBytes(usage.capBytes))}</>
}
