import { useInfiniteQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useCan } from '@/app/session'
import { t } from '@/i18n/en/customers'
import { Badge, Button, Bytes, EmptyState, ListPage, Sparkline, Status, Time, type ListColumn } from '@/ui'
import { CustomerDetails } from './CustomerDetails'
import { customersQuery, type Customer } from './api'

const OnboardDialog = lazy(() =>
  import('./onboarding/OnboardDialog').then((module) => ({ default: module.OnboardDialog })),
)

function columnsIn(currency: string): readonly ListColumn<Customer>[] {
  const money = new Intl.NumberFormat(undefined, { style: 'currency', currency })
  return [
    { id: 'name', label: t.customer, grow: 2, value: (row) => row.name },
    { id: 'kind', label: t.kind, width: 100, value: (row) => row.kind },
    {
      id: 'health',
      label: t.health,
      width: 200,
      value: (row) => row.health.reason,
      cell: (row) => <Status tone={row.health.state} word={row.health.reason} />,
    },
    {
      id: 'heartbeat',
      label: t.heartbeat,
      value: (row) => row.lastHeartbeatAt,
      cell: (row) => (row.lastHeartbeatAt ? <Time value={row.lastHeartbeatAt} format="age" /> : t.unknown),
    },
    {
      id: 'agents',
      label: t.agents,
      width: 90,
      align: 'end',
      value: (row) => row.agentsReporting,
      cell: (row) => (row.agents === null ? t.unknown : `${row.agentsReporting ?? 0}/${row.agents}`),
    },
    {
      id: 'today',
      label: t.today,
      width: 100,
      align: 'end',
      value: (row) => row.todayBytes,
      cell: (row) => <Bytes value={row.todayBytes} />,
    },
    {
      id: 'week',
      label: t.week,
      width: 110,
      value: (row) => row.days.reduce((sum, day) => sum + day, 0),
      cell: (row) => <Sparkline values={row.days} label={t.weekOf(row.name)} width={84} height={20} />,
    },
    {
      id: 'cap',
      label: t.cap,
      width: 80,
      align: 'end',
      value: (row) => row.capUsed,
      cell: (row) => (row.capUsed === null ? t.noCap : `${Math.round(row.capUsed * 100)}%`),
    },
    {
      id: 'cost',
      label: t.cost,
      align: 'end',
      value: (row) => row.costMonthToDate,
      cell: (row) => (row.costMonthToDate === null ? t.unknown : money.format(row.costMonthToDate)),
    },
  ]
}

/** All customers that a provider serves, in one list. */
export function Customers() {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useInfiniteQuery(customersQuery)
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const first = data?.pages[0]
  const canWrite = useCan('write')
  const [dialog, setDialog] = useState<'closed' | 'open' | 'left'>('closed')

  return (
    <ListPage
      title={t.customers}
      description={t.description}
      chips={
        first && (
          <>
            <Badge>{t.sum(first.summary.customers)}</Badge>
            {first.summary.health.danger > 0 && (
              <Badge tone="danger">{t.red(first.summary.health.danger)}</Badge>
            )}
            <Badge>
              <Bytes value={first.summary.todayBytes} />
            </Badge>
          </>
        )
      }
      actions={
        canWrite && (
          <Button variant="primary" onPress={() => setDialog('open')}>
            {t.onboard}
          </Button>
        )
      }
      columns={columnsIn(first?.currency ?? 'USD')}
      rows={data?.pages.flatMap((page) => page.value)}
      rowKey={(row) => row.id}
      rowLabel={(row) => row.name}
      error={error}
      retry={() => void refetch()}
      empty={<EmptyState title={t.none} text={t.noneText} />}
      panel={(row) => ({ title: row.name, content: <CustomerDetails customer={row} /> })}
    >
      {dialog !== 'closed' && (
        <Suspense>
          <OnboardDialog isOpen={dialog === 'open'} onClose={() => setDialog('left')} />
        </Suspense>
      )}
    </ListPage>
  )
}
