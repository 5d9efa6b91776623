import { useQuery } from '@tanstack/react-query'
import { workspaceResourceQuery, type Workspace } from '@/api/workspaces'
import { useWorkspace } from '@/app/scopes'
import { t } from '@/i18n/en/settings'
import { useUrlState } from '@/lib/url-state'
import { EmptyState, ErrorState, Loading, Page, Tabs } from '@/ui'
import { DiagnosticsTab } from './DiagnosticsTab'
import { ExportsTab } from './ExportsTab'
import { NetworkTab } from './NetworkTab'
import { SourcesTab } from './SourcesTab'
import { StorageTab } from './StorageTab'
import { WorkspaceTab } from './WorkspaceTab'

/** What is decided about one workspace. */
export function Settings() {
  const scope = useWorkspace()
  const resource = useQuery(workspaceResourceQuery(scope.data?.id ?? ''))
  const error = scope.error ?? resource.error
  return (
    <Page title={t.settings} chips={scope.data?.name} description={t.description}>
      {error && <ErrorState error={error} retry={() => void resource.refetch()} />}
      {scope.data === null && <EmptyState title={t.noWorkspace} text={t.noWorkspaceText} />}
      {resource.data && <Sections key={resource.data.id} workspace={resource.data} />}
      {!resource.data && !error && scope.data !== null && <Loading />}
    </Page>
  )
}

function Sections({ workspace }: { readonly workspace: Workspace }) {
  const [tab, setTab] = useUrlState('tab')
  return (
    <Tabs
      label={t.settings}
      selected={tab || 'workspace'}
      onChange={(next) => setTab(next, { replace: true })}
      items={[
        { id: 'workspace', label: t.tabs.workspace, content: <WorkspaceTab workspace={workspace} /> },
        { id: 'network', label: t.tabs.network, content: <NetworkTab workspace={workspace} /> },
        { id: 'exports', label: t.tabs.exports, content: <ExportsTab workspace={workspace} /> },
        { id: 'sources', label: t.tabs.sources, content: <SourcesTab workspace={workspace} /> },
        { id: 'diagnostics', label: t.tabs.diagnostics, content: <DiagnosticsTab workspace={workspace} /> },
        { id: 'storage', label: t.tabs.storage, content: <StorageTab workspace={workspace} /> },
      ]}
    />
  )
}
