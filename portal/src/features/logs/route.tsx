import { useParams } from '@tanstack/react-router'
import { useEffect } from 'react'
import { usePin } from '@/app/pin'
import { t } from '@/i18n/en/logs'
import { t as ui } from '@/i18n/en/ui'
import { ErrorState } from '@/ui/ErrorState'
import { Loading } from '@/ui/Loading'
import { visualOf, type Render } from '@/viz'
import { LogsPage } from './LogsPage'
import { runOf } from './run/store'
import { activeTab } from './tabs/store'
import { titleOf } from './tabs/tab'
import { useDraft } from './tabs/useDraft'

/** `/t/{tenant}/w/{workspace}/logs`: the queries of a workspace. */
export function Logs() {
  const { workspace = '' } = useParams({ strict: false })
  const draft = useDraft(workspace)
  const pin = usePin()
  useEffect(() => {
    document.title = ui.documentTitle(t.title)
  }, [])

  function pinChart(render: Render) {
    const tab = activeTab()
    const { query, workspaces, timespan } = runOf(tab.id)
    pin({
      title: titleOf(tab),
      query,
      visual: visualOf(render),
      scope: { workspaces },
      ...(timespan ? { timeRange: timespan } : {}),
    })
  }

  if (draft.kind === 'loading') return <Loading />
  if (draft.kind === 'failed') return <ErrorState error={draft.error} retry={() => window.location.reload()} />
  return (
    <LogsPage
      key={workspace}
      workspace={workspace}
      isKept={draft.isKept}
      runAtOnce={draft.runAtOnce}
      onPin={pinChart}
    />
  )
}
