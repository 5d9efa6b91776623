import { t } from '@/i18n/en/usage'
import { EmptyState } from '@/ui'
import { Chart, plainRender, type Threshold } from '@/viz'
import type { Dimension, Usage } from './api'
import { chartTable, sum, type Measure } from './series'

const HEIGHT = 280
/** A cap so many times above the highest day would flatten all columns. */
const FAR = 20

interface Props {
  readonly usage: Usage
  readonly by: Dimension
  readonly measure: Measure
}

/** Columns by day, stacked by group; the daily cap is a line across volumes. */
export function UsageChart({ usage, by, measure }: Props) {
  const table = chartTable(usage, by, measure)
  if (table.rowCount === 0) return <EmptyState title={t.none} text={t.noneText} />
  return (
    <Chart
      table={table}
      render={{
        ...plainRender('columnchart'),
        kind: 'stacked',
        yMax: roomForCap(usage, measure),
        yTitle: measure === 'cost' ? usage.currency : t.gigabytes,
      }}
      label={measure === 'cost' ? t.costByDay(usage.currency) : t.volumeByDay}
      height={HEIGHT}
      timeZone="UTC"
      thresholds={capLine(usage, measure)}
    />
  )
}

function capLine(usage: Usage, measure: Measure): readonly Threshold[] {
  if (measure === 'cost' || usage.capBytes === null) return []
  return [{ value: usage.capBytes / 1e9, level: 'warning', label: t.capLine }]
}

/** The end of the axis that lets a cap not far above the highest day be seen; null for the chart's own. */
function roomForCap(usage: Usage, measure: Measure): number | null {
  if (measure === 'cost' || usage.capBytes === null) return null
  const highest = Math.max(
    ...usage.days.map((_, day) => sum(usage.groups.map((group) => group.bytes?.[day] ?? 0))),
  )
  const isNear = usage.capBytes > highest && usage.capBytes < highest * FAR
  return isNear ? roundUp((usage.capBytes * 1.1) / 1e9) : null
}

/** The next number with two digits. */
function roundUp(number: number): number {
  const step = 10 ** (Math.floor(Math.log10(number)) - 1)
  return Math.ceil(number / step) * step
}
