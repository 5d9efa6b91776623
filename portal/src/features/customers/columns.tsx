import { t } from '@/i18n/en/customers'
import { formatBytes } from '@/lib/format'
import { Bytes, Sparkline, Status, Time, type ListColumn } from '@/ui'
import type { Customer } from './api'
import css from './customers.module.css'

type Column = ListColumn<Customer>

const UNKNOWN = (
  <abbr title={t.unknown} className={css['unknown']}>
    –
  </abbr>
)

/** What the list shows of each customer; money in the installation's currency. */
export function columnsIn(money: Intl.NumberFormat): readonly Column[] {
  return [
    { id: 'name', label: t.customer, width: 120, grow: 2, value: (row) => row.name },
    { id: 'domain', label: t.domain, isHidden: true, value: (row) => row.domain },
    { id: 'kind', label: t.kind, width: 90, grow: 0, value: (row) => t.kinds[row.kind] },
    {
      id: 'health',
      label: t.health,
      width: 165,
      grow: 2,
      value: (row) => row.health.reason,
      cell: (row) => <Status tone={row.health.state} word={row.health.reason} />,
    },
    HEARTBEAT,
    AGENTS,
    {
      id: 'today',
      label: t.today,
      width: 75,
      align: 'end',
      value: (row) => row.todayBytes,
      cell: (row) => <Bytes value={row.todayBytes} />,
    },
    WEEK,
    CAP,
    {
      id: 'cost',
      label: t.cost,
      width: 100,
      align: 'end',
      value: (row) => row.costMonthToDate,
      cell: (row) => (row.costMonthToDate === null ? UNKNOWN : money.format(row.costMonthToDate)),
    },
    {
      id: 'until',
      label: t.accessUntil,
      width: 108,
      value: (row) => row.accessUntil ?? t.noEnd,
      cell: (row) => (row.accessUntil === null ? t.noEnd : <Time value={row.accessUntil} format="date" />),
    },
  ]
}

const HEARTBEAT: Column = {
  id: 'heartbeat',
  label: t.heartbeat,
  width: 95,
  value: (row) => row.lastHeartbeatAt,
  cell: (row) => (row.lastHeartbeatAt ? <Time value={row.lastHeartbeatAt} format="age" /> : UNKNOWN),
}

const AGENTS: Column = {
  id: 'agents',
  label: t.agents,
  width: 75,
  align: 'end',
  value: (row) => row.agentsReporting,
  cell: (row) => (row.agents === null ? UNKNOWN : `${row.agentsReporting ?? 0}/${row.agents}`),
}

const WEEK: Column = {
  id: 'week',
  label: t.week,
  width: 86,
  grow: 0,
  value: (row) => row.days.reduce((sum, day) => sum + day, 0),
  cell: (row) => (
    <Sparkline
      values={row.days}
      label={t.weekOf(row.name, row.days.map(formatBytes).join(', '))}
      width={62}
      height={20}
    />
  ),
}

const CAP: Column = {
  id: 'cap',
  label: t.cap,
  width: 90,
  align: 'end',
  value: (row) => row.capUsed,
  cell: (row) =>
    row.capBytes === null
      ? t.noCap
      : t.capUsed(Math.round((row.capUsed ?? 0) * 100), formatBytes(row.capBytes)),
}
