import { useQuery, useQueryClient } from '@tanstack/react-query'
import { refresh } from '@/api/refresh'
import { armDelete } from '@/api/arm'
import { workspaceResourceQuery, WORKSPACE_VERSION, type Workspace } from '@/api/workspaces'
import { t } from '@/i18n/en/workspaces'
import { ConfirmButton, ErrorState, KeyValues, Loading, toast } from '@/ui'

interface Props {
  readonly id: string
  readonly canWrite: boolean
  readonly onDeleted: () => void
}

/** One workspace: what it is, and its end. What is decided about it is on the page Settings. */
export function WorkspaceDetails({ id, canWrite, onDeleted }: Props) {
  const { data, error, refetch } = useQuery(workspaceResourceQuery(id))
  if (error) return <ErrorState error={error} retry={() => void refetch()} />
  if (!data) return <Loading />
  const { customerId, sku, workspaceCapping, features } = data.properties
  return (
    <>
      <KeyValues
        items={[
          [t.workspaceId, <code key="workspace">{customerId}</code>],
          [t.resourceId, <code key="resource">{data.id}</code>],
          [t.location, data.location ?? ''],
          [t.sku, sku.name],
          [t.capState, workspaceCapping.dataIngestionStatus ?? ''],
          ...(features.clusterResourceId ? ([[t.cluster, features.clusterResourceId]] as const) : []),
        ]}
      />
      {canWrite && <Deletion workspace={data} onDeleted={onDeleted} />}
    </>
  )
}

function Deletion({
  workspace,
  onDeleted,
}: {
  readonly workspace: Workspace
  readonly onDeleted: () => void
}) {
  const client = useQueryClient()

  async function remove() {
    await armDelete(workspace.id, WORKSPACE_VERSION)
    toast(t.removed(workspace.name))
    onDeleted()
    await refresh(client, ['scopes'])
  }

  return (
    <ConfirmButton
      label={t.remove}
      variant="danger"
      title={t.removeTitle(workspace.name)}
      onConfirm={remove}
      name={workspace.name}
    >
      <p>{t.removeText}</p>
    </ConfirmButton>
  )
}
