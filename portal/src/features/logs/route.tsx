import { useParams } from '@tanstack/react-router'
import { useEffect } from 'react'
import { t } from '@/i18n/en/logs'
import { t as ui } from '@/i18n/en/ui'
import { ErrorState } from '@/ui/ErrorState'
import { Loading } from '@/ui/Loading'
import { loadCodeEditor } from './editor/KqlEditor'
import { LogsPage } from './LogsPage'
import { useDraft } from './tabs/useDraft'

/** `/t/{tenant}/w/{workspace}/logs`: the queries of a workspace. */
export function Logs() {
  const { workspace = '' } = useParams({ strict: false }) as { workspace?: string }
  const draft = useDraft(workspace)
  useEffect(() => {
    document.title = ui.documentTitle(t.title)
    // While the draft is on its way; where it can't be had, the plain editor stays.
    loadCodeEditor().catch(() => undefined)
  }, [])

  if (draft.kind === 'loading') return <Loading />
  if (draft.kind === 'failed')
    return <ErrorState error={draft.error} retry={() => window.location.reload()} />
  return <LogsPage key={workspace} keeping={draft.keeping} />
}
