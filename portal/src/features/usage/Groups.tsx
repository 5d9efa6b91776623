import { t } from '@/i18n/en/usage'
import { formatBytes, formatShare } from '@/lib/format'
import { Button, Bytes, EmptyState, ListTable, saveFile, Sparkline, type ListColumn } from '@/ui'
import type { Dimension, Period, Usage, UsageGroup } from './api'
import { nameOf, numbersOf, sum, usageCsv, type Measure } from './series'

interface Props {
  readonly usage: Usage
  readonly by: Dimension
  readonly measure: Measure
  readonly period: Period
  readonly money: Intl.NumberFormat
  readonly onOpen?: ((group: UsageGroup) => void) | undefined
}

/** The groups as a list, and all numbers as a file. */
export function Groups({ usage, by, measure, period, money, onOpen }: Props) {
  const total = usage.groups.reduce((amount, group) => amount + sum(numbersOf(group, measure)), 0)
  return (
    <ListTable
      label={t.groups[by]}
      columns={columnsOf(by, measure, total, money)}
      rows={usage.groups}
      rowKey={(group) => `${group.kind} ${group.id}`}
      rowLabel={(group) => nameOf(group, by)}
      empty={<EmptyState title={t.none} text={t.noneText} />}
      tools={
        <Button
          size="small"
          onPress={() =>
            saveFile(t.csvName(period.from, period.to), new Blob([usageCsv(usage, by)], { type: 'text/csv' }))
          }
        >
          {t.csv}
        </Button>
      }
      {...(onOpen ? { onOpen } : { isPlain: true })}
    />
  )
}

function columnsOf(
  by: Dimension,
  measure: Measure,
  total: number,
  money: Intl.NumberFormat,
): readonly ListColumn<UsageGroup>[] {
  const shown = (group: UsageGroup) => {
    const number = sum(numbersOf(group, measure))
    return measure === 'cost' ? money.format(number) : formatBytes(number * 1e9)
  }
  const amount: ListColumn<UsageGroup> = {
    id: 'amount',
    label: t.amount,
    align: 'end',
    value: (group) => group.amounts && sum(group.amounts),
    cell: (group) => group.amounts && money.format(sum(group.amounts)),
  }
  const volume: ListColumn<UsageGroup> = {
    id: 'volume',
    label: t.volume,
    align: 'end',
    value: (group) => group.bytes && sum(group.bytes),
    cell: (group) => group.bytes && <Bytes value={sum(group.bytes)} />,
  }
  return [
    { id: 'name', label: t.groups[by], grow: 2, value: (group) => nameOf(group, by) },
    {
      id: 'days',
      label: t.days,
      width: 180,
      value: (group) => sum(numbersOf(group, measure)),
      cell: (group) => (
        <Sparkline
          values={numbersOf(group, measure) ?? []}
          height={20}
          label={t.daysOf(nameOf(group, by), shown(group))}
        />
      ),
    },
    {
      id: 'share',
      label: t.share,
      align: 'end',
      width: 80,
      value: (group) => (total === 0 ? 0 : sum(numbersOf(group, measure)) / total),
      cell: (group) => formatShare(total === 0 ? 0 : sum(numbersOf(group, measure)) / total),
    },
    volume,
    amount,
  ]
}
