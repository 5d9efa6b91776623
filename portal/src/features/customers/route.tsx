import { useInfiniteQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { useCan } from '@/app/session'
import { t } from '@/i18n/en/customers'
import { Button, EmptyState, ListPage } from '@/ui'
import { customersQuery } from './api'
import { ApplyTemplate } from './ApplyTemplate'
import { Architectures } from './Architectures'
import { columnsIn } from './columns'
import { CustomerDetails } from './CustomerDetails'
import { Filters, ShowAll, useFiltered } from './Filters'
import { QueryTogether } from './OpenInLogs'
import { EMPTY, type Draft } from './onboarding/draft'
import { MeasuredUntil, Summary } from './Summary'

const OnboardDialog = lazy(() =>
  import('./onboarding/OnboardDialog').then((module) => ({ default: module.OnboardDialog })),
)

/** All customers that a provider serves, in one list. */
export function Customers() {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } =
    useInfiniteQuery(customersQuery)
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const [dialog, setDialog] = useState<{ readonly draft: Draft; readonly isOpen: boolean } | null>(null)
  const canWrite = useCan('write')
  const first = data?.pages[0]
  const customers = useMemo(() => data?.pages.flatMap((page) => page.value), [data])
  const shown = useFiltered(customers)
  const money = useMemo(
    () => new Intl.NumberFormat(undefined, { style: 'currency', currency: first?.currency ?? 'USD' }),
    [first?.currency],
  )
  const onboard = canWrite && (
    <Button variant="primary" onPress={() => setDialog({ draft: dialog?.draft ?? EMPTY, isOpen: true })}>
      {t.onboard}
    </Button>
  )
  const hasNone = customers?.length === 0

  return (
    <ListPage
      title={t.customers}
      description={t.description}
      chips={first && customers && <Summary page={first} customers={customers} money={money} />}
      actions={!hasNone && onboard}
      columns={useMemo(() => columnsIn(money), [money])}
      rows={shown}
      rowKey={(row) => row.id}
      rowLabel={(row) => row.name}
      error={error}
      retry={() => void refetch()}
      tools={<Filters />}
      bulkActions={(rows) => (
        <>
          <QueryTogether customers={rows} />
          {canWrite && (
            <ApplyTemplate customers={rows} onApply={(draft) => setDialog({ draft, isOpen: true })} />
          )}
        </>
      )}
      empty={
        hasNone ? (
          <Architectures actions={onboard} />
        ) : (
          <EmptyState title={t.noneSuch} actions={<ShowAll />} />
        )
      }
      panel={(row, close) => ({
        title: row.name,
        content: <CustomerDetails key={row.id} customer={row} onGone={close} />,
      })}
    >
      {first && !hasNone && <MeasuredUntil at={first.measuredUntil} />}
      {dialog && (
        <Suspense>
          <OnboardDialog
            key={dialog.draft.list}
            initial={dialog.draft}
            isOpen={dialog.isOpen}
            onClose={() => setDialog({ ...dialog, isOpen: false })}
          />
        </Suspense>
      )}
    </ListPage>
  )
}
