import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { workspacePath } from '@/app/scope'
import { workspacesQuery, type ScopeItem } from '@/app/scopes'
import { useSession } from '@/app/session'
import { t } from '@/i18n/en/workspaces'
import { Badge, Button, EmptyState, LinkButton, ListPage, Time, type ListColumn } from '@/ui'
import { CreateDialog } from './CreateDialog'
import { DeletedDialog } from './DeletedDialog'
import { WorkspaceDetails } from './WorkspaceDetails'

const COLUMNS: readonly ListColumn<ScopeItem>[] = [
  { id: 'name', label: t.name, value: (row) => row.name },
  { id: 'tenant', label: t.tenant, value: (row) => row.tenantName },
  { id: 'path', label: t.path, grow: 2, value: (row) => row.path },
  { id: 'location', label: t.location, value: (row) => row.location },
  {
    id: 'relation',
    label: t.relation,
    value: (row) => t.relations[row.relation],
    cell: (row) => (
      <Badge tone={row.relation === 'home' ? 'neutral' : 'accent'}>{t.relations[row.relation]}</Badge>
    ),
  },
  {
    id: 'last',
    label: t.last,
    value: (row) => row.lastRecordAt,
    cell: (row) => (row.lastRecordAt ? <Time value={row.lastRecordAt} format="age" /> : t.never),
  },
  { id: 'id', label: t.workspaceId, isHidden: true, value: (row) => row.workspaceId },
]

/** All workspaces that the reader reaches, in whatever tenant. */
export function Workspaces() {
  const { tenant, permissions } = useSession()
  const [dialog, setDialog] = useState<'create' | 'deleted' | null>(null)
  const workspaces = useQuery(workspacesQuery)
  const close = () => setDialog(null)

  return (
    <ListPage
      title={t.workspaces}
      description={t.description}
      columns={COLUMNS}
      rows={workspaces.data}
      rowKey={(row) => row.workspaceId ?? row.id}
      rowLabel={(row) => row.name}
      error={workspaces.error}
      retry={() => void workspaces.refetch()}
      empty={<EmptyState title={t.none} text={t.noneText} />}
      actions={
        permissions.write && (
          <>
            <Button onPress={() => setDialog('deleted')}>{t.deleted}</Button>
            <Button variant="primary" onPress={() => setDialog('create')}>
              {t.create}
            </Button>
          </>
        )
      }
      panel={(row, closePanel) => ({
        title: row.name,
        content: <WorkspaceDetails id={row.id} canWrite={permissions.write} onDeleted={closePanel} />,
        actions: (
          <>
            <LinkButton href={workspacePath(tenant.domain, row.workspaceId ?? '', 'settings')}>
              {t.settings}
            </LinkButton>
            <LinkButton href={workspacePath(tenant.domain, row.workspaceId ?? '', 'logs')}>
              {t.openLogs}
            </LinkButton>
          </>
        ),
      })}
    >
      <CreateDialog isOpen={dialog === 'create'} onClose={close} />
      <DeletedDialog isOpen={dialog === 'deleted'} onClose={close} />
    </ListPage>
  )
}
