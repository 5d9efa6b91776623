import { t } from '@/i18n/en/customers'
import { formatBytes } from '@/lib/format'
import { Badge, Time } from '@/ui'
import type { Customer, CustomerPage } from './api'
import css from './customers.module.css'

interface Props {
  readonly page: CustomerPage
  readonly customers: readonly Customer[]
  readonly money: Intl.NumberFormat
}

/** All customers in a line: how many, how many of them need help, what they sent today, what they cost this month. */
export function Summary({ page, customers, money }: Props) {
  const { summary } = page
  const costs = customers.flatMap(({ costMonthToDate }) =>
    costMonthToDate === null ? [] : [costMonthToDate],
  )
  if (summary.customers === 0) return null
  return (
    <>
      <Badge>{t.sum(summary.customers)}</Badge>
      {summary.health.danger > 0 && <Badge tone="danger">{t.red(summary.health.danger)}</Badge>}
      {summary.health.warning > 0 && <Badge tone="warning">{t.yellow(summary.health.warning)}</Badge>}
      <Badge>{t.todaySum(formatBytes(summary.todayBytes))}</Badge>
      {costs.length > 0 && (
        <Badge>{t.costSum(money.format(costs.reduce((sum, cost) => sum + cost, 0)))}</Badge>
      )}
    </>
  )
}

/** Until when volumes and costs are known: an hour is measured when it is over. */
export function MeasuredUntil({ at }: { readonly at: string }) {
  return (
    <p className={css['note']}>
      {t.measured} <Time value={at} />.
    </p>
  )
}
