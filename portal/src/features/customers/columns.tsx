import { t } from '@/i18n/en/customers'
import { formatBytes } from '@/lib/format'
import { Bytes, Sparkline, Status, Time, type ListColumn } from '@/ui'
import type { Customer } from './api'

type Column = ListColumn<Customer>

/** What the list shows of each customer; money in the installation's currency. */
export function columnsIn(money: Intl.NumberFormat): readonly Column[] {
  return [
    { id: 'name', label: t.customer, width: 150, grow: 2, value: (row) => row.name },
    { id: 'domain', label: t.domain, isHidden: true, value: (row) => row.domain },
    { id: 'kind', label: t.kind, width: 95, grow: 0, value: (row) => t.kinds[row.kind] },
    {
      id: 'health',
      label: t.health,
      width: 200,
      grow: 2,
      value: (row) => row.health.reason,
      cell: (row) => <Status tone={row.health.state} word={row.health.reason} />,
    },
    HEARTBEAT,
    AGENTS,
    {
      id: 'today',
      label: t.today,
      width: 80,
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
      cell: (row) => (row.costMonthToDate === null ? t.unknown : money.format(row.costMonthToDate)),
    },
    {
      id: 'until',
      label: t.accessUntil,
      width: 110,
      value: (row) => row.accessUntil ?? t.noEnd,
      cell: (row) => (row.accessUntil === null ? t.noEnd : <Time value={row.accessUntil} format="date" />),
    },
  ]
}

const HEARTBEAT: Column = {
  id: 'heartbeat',
  label: t.heartbeat,
  width: 115,
  value: (row) => row.lastHeartbeatAt,
  cell: (row) => (row.lastHeartbeatAt ? <Time value={row.lastHeartbeatAt} format="age" /> : t.unknown),
}

const AGENTS: Column = {
  id: 'agents',
  label: t.agents,
  width: 85,
  align: 'end',
  value: (row) => row.agentsReporting,
  cell: (row) => (row.agents === null ? t.unknown : `${row.agentsReporting ?? 0}/${row.agents}`),
}

const WEEK: Column = {
  id: 'week',
  label: t.week,
  width: 110,
  grow: 0,
  value: (row) => row.days.reduce((sum, day) => sum + day, 0),
  cell: (row) => (
    <Sparkline
      values={row.days}
      label={t.weekOf(row.name, row.days.map(formatBytes).join(', '))}
      width={84}
      height={20}
    />
  ),
}

const CAP: Column = {
  id: 'cap',
  label: t.cap,
  width: 110,
  align: 'end',
  value: (row) => row.capUsed,
  cell: (row) =>
    row.capBytes === null
      ? t.noCap
      : t.capUsed(Math.round((row.capUsed ?? 0) * 100), formatBytes(row.capBytes)),
}
