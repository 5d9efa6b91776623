import { useQuery, useQueryClient } from '@tanstack/react-query'
import { refresh } from '@/api/refresh'
import { armDelete, armPatch } from '@/api/arm'
import { workspaceResourceQuery, WORKSPACE_VERSION, type Workspace } from '@/api/workspaces'
import { t } from '@/i18n/en/workspaces'
import { ConfirmButton, ErrorState, Form, KeyValues, Loading, NumberField, Switch, toast } from '@/ui'

interface Props {
  readonly id: string
  readonly canWrite: boolean
  readonly onDeleted: () => void
}

/** One workspace: what it is, what an owner decides about it, and its end. */
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
      {canWrite && <SettingsForm key={data.etag} workspace={data} />}
      {canWrite && <Deletion workspace={data} onDeleted={onDeleted} />}
    </>
  )
}

function SettingsForm({ workspace }: { readonly workspace: Workspace }) {
  const client = useQueryClient()
  const { retentionInDays, workspaceCapping, ...properties } = workspace.properties

  async function submit(form: FormData) {
    const cap = String(form.get('dailyQuotaGb'))
    const changed = {
      retentionInDays: Number(form.get('retentionInDays')),
      workspaceCapping: { dailyQuotaGb: cap === '' ? -1 : Number(cap) },
      publicNetworkAccessForQuery: form.has('publicNetworkAccessForQuery') ? 'Enabled' : 'Disabled',
      publicNetworkAccessForIngestion: form.has('publicNetworkAccessForIngestion') ? 'Enabled' : 'Disabled',
    }
    const options = { etag: workspace.etag }
    const saved = await armPatch<Workspace>(workspace.id, WORKSPACE_VERSION, { properties: changed }, options)
    client.setQueryData(workspaceResourceQuery(workspace.id).queryKey, saved)
    toast(t.saved)
  }

  return (
    <Form onSubmit={submit} submitLabel={t.save}>
      <NumberField
        label={t.retention}
        description={t.retentionHelp}
        name="retentionInDays"
        defaultValue={retentionInDays}
        isRequired
      />
      <NumberField
        label={t.cap}
        description={t.capHelp}
        name="dailyQuotaGb"
        minValue={0}
        formatOptions={{ maximumFractionDigits: 6 }}
        {...(workspaceCapping.dailyQuotaGb < 0 ? {} : { defaultValue: workspaceCapping.dailyQuotaGb })}
      />
      <Switch
        name="publicNetworkAccessForQuery"
        defaultSelected={properties.publicNetworkAccessForQuery === 'Enabled'}
      >
        {t.publicQuery}
      </Switch>
      <Switch
        name="publicNetworkAccessForIngestion"
        defaultSelected={properties.publicNetworkAccessForIngestion === 'Enabled'}
      >
        {t.publicIngestion}
      </Switch>
    </Form>
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
