import { t } from '@/i18n/en/usage'
import { Bytes, EmptyState, ListTable, Section, Status, type ListColumn } from '@/ui'
import type { Tier } from './api'

interface Props {
  readonly tiers: readonly Tier[]
  readonly money: Intl.NumberFormat
}

function tierName(reservedGb: number | null, sku = ''): string {
  return reservedGb === null ? (t.skus[sku] ?? t.payAsYouGo) : t.reservation(reservedGb)
}

function cheapest(tier: Tier) {
  return tier.offers[0] ?? { reservedGb: tier.reservedGb, amount: tier.amount }
}

/** What is saved by the cheapest tier; nothing where the present one is as cheap. */
function saving(tier: Tier): number {
  return Math.max(0, tier.amount - cheapest(tier).amount)
}

function columnsOf(money: Intl.NumberFormat): readonly ListColumn<Tier>[] {
  return [
    { id: 'payer', label: t.payer, grow: 2, value: (tier) => tier.name },
    {
      id: 'days',
      label: t.fullDays,
      width: 90,
      value: (tier) => tier.days,
      cell: (tier) => t.overDays(tier.days),
    },
    {
      id: 'perDay',
      label: t.perDay,
      align: 'end',
      value: (tier) => tier.dailyBytes,
      cell: (tier) => <Bytes value={tier.dailyBytes} />,
    },
    { id: 'now', label: t.tierNow, value: (tier) => tierName(tier.reservedGb, tier.sku) },
    {
      id: 'paid',
      label: t.paid,
      align: 'end',
      value: (tier) => tier.amount,
      cell: (tier) => money.format(tier.amount),
    },
    {
      id: 'cheapest',
      label: t.cheapest,
      grow: 2,
      value: (tier) => `${tierName(cheapest(tier).reservedGb)}: ${money.format(cheapest(tier).amount)}`,
    },
    {
      id: 'difference',
      label: t.difference,
      grow: 2,
      value: (tier) => saving(tier),
      cell: (tier) =>
        saving(tier) > 0 ? <Status tone="info" word={t.saves(money.format(saving(tier)))} /> : t.stays,
    },
  ]
}

/** Pay-as-you-go against reservations, for each that pays. */
export function Tiers({ tiers, money }: Props) {
  return (
    <Section title={t.tiers}>
      <p>{t.tiersText}</p>
      <ListTable
        label={t.tiers}
        columns={columnsOf(money)}
        rows={tiers}
        rowKey={(tier) => tier.resourceId}
        rowLabel={(tier) => tier.name}
        empty={<EmptyState title={t.tiersNone} />}
        urlPrefix="tiers."
        isPlain
      />
    </Section>
  )
}
