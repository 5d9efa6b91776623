import { t } from '@/i18n/en/usage'
import { csvText } from '@/lib/format'
import type { ChartTable } from '@/viz'
import type { Dimension, Usage, UsageGroup } from './api'

export type Measure = 'volume' | 'cost'

const GIGABYTE = 1e9
/** Groups with a colour of their own; the others are drawn as one. */
const DRAWN = 8

/** The numbers by day of a group: gigabytes, or money. */
export function numbersOf(group: UsageGroup, measure: Measure): readonly number[] | null {
  if (measure === 'cost') return group.amounts
  return group.bytes?.map((bytes) => bytes / GIGABYTE) ?? null
}

export function sum(numbers: readonly number[] | null): number {
  return numbers?.reduce((total, one) => total + one, 0) ?? 0
}

/** A group's name for people; what belongs to none says so. */
export function nameOf(group: UsageGroup, by: Dimension): string {
  if (group.kind === 'others') return t.others(group.name)
  if (group.name !== '')
    return group.kind === 'meter' && by !== 'meter' ? t.ofNoTable(group.name) : group.name
  return t.noneOf[by]
}

/** Days, names and numbers for a stacked chart: the largest groups, and the others as one. */
export function chartTable(usage: Usage, by: Dimension, measure: Measure): ChartTable {
  const named = usage.groups
    .map((group) => ({ name: nameOf(group, by), numbers: numbersOf(group, measure) }))
    .filter(({ numbers }) => sum(numbers) > 0)
    .toSorted((one, other) => sum(other.numbers) - sum(one.numbers))
  const drawn = named.slice(0, DRAWN)
  const rest = named.slice(DRAWN)
  if (rest.length > 0) {
    drawn.push({
      name: t.others(String(rest.length)),
      numbers: usage.days.map((_, day) =>
        rest.reduce((total, { numbers }) => total + (numbers?.[day] ?? 0), 0),
      ),
    })
  }
  const rows = drawn.flatMap(({ name, numbers }) =>
    usage.days.map((day, index) => [`${day}T00:00:00Z`, name, numbers?.[index] ?? 0] as const),
  )
  return {
    columns: [
      { name: t.day, type: 'datetime', values: rows.map((row) => row[0]) },
      { name: t.groups[by], type: 'string', values: rows.map((row) => row[1]) },
      {
        name: measure === 'cost' ? usage.currency : t.gigabytes,
        type: 'real',
        values: rows.map((row) => row[2]),
      },
    ],
    rowCount: rows.length,
  }
}

/** A line for each group and day, with bytes and money. */
export function usageCsv(usage: Usage, by: Dimension): string {
  const lines = usage.groups.flatMap((group) =>
    usage.days.map((day, index) => [
      day,
      nameOf(group, by),
      group.id,
      group.bytes?.[index],
      group.amounts?.[index],
      group.amounts && usage.currency,
    ]),
  )
  return csvText([[t.day, t.groups[by], t.id, t.bytes, t.amount, t.currency], ...lines])
}
