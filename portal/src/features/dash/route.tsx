/** `/t/{tenant}/dash`: all dashboards; `/t/{tenant}/dash/{id}`: one of them. */

import { useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { t } from '@/i18n/en/dash'
import { Loading, Page } from '@/ui'
import { FaultList } from './JsonPane'
import { useOpened } from './use-opened'

export { Dashboards } from './Dashboards'

/** The board and its editing come when one is opened: the list is the first page of many. */
const DashboardView = lazy(() =>
  import('./DashboardView').then(({ DashboardView: part }) => ({ default: part })),
)

export function DashboardRoute() {
  const { dashboard: id = '' }: { dashboard?: string } = useParams({ strict: false })
  return (
    <Suspense fallback={<Loading />}>
      <Opened key={id} id={id} />
    </Suspense>
  )
}

function Opened({ id }: { readonly id: string }) {
  const opened = useOpened(id)
  if ('faults' in opened) {
    return (
      <Page title={t.dashboards}>
        <FaultList title={t.faulty} faults={opened.faults} />
      </Page>
    )
  }
  return <DashboardView opened={opened} />
}
