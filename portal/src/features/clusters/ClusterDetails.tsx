import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { startOperation } from '@/app/notices'
import { t } from '@/i18n/en/clusters'
import { ConfirmButton, Form, KeyValues, NumberField, Select, toast } from '@/ui'
import { LinkedWorkspaces } from './LinkedWorkspaces'
import { changeCluster, deleteCluster, type BillingType, type Cluster } from './api'

interface Props {
  readonly cluster: Cluster
  readonly canWrite: boolean
  readonly onDeleted: () => void
}

/** One cluster: its facts, its capacity and billing, the workspaces linked to it, and its end. */
export function ClusterDetails({ cluster, canWrite, onDeleted }: Props) {
  const { properties } = cluster
  const key = properties.keyVaultProperties
  return (
    <>
      <KeyValues
        items={[
          [t.clusterId, <code key="id">{properties.clusterId}</code>],
          [t.state, properties.provisioningState],
          [t.location, cluster.location ?? ''],
          [t.key, key?.keyName ? `${key.keyVaultUri}keys/${key.keyName}` : t.serviceKey],
          [t.doubleEncryption, properties.isDoubleEncryptionEnabled ? t.on : t.off],
        ]}
      />
      {canWrite && <SettingsForm key={cluster.sku.capacity} cluster={cluster} />}
      <LinkedWorkspaces cluster={cluster} canWrite={canWrite} />
      {canWrite && <Deletion cluster={cluster} onDeleted={onDeleted} />}
    </>
  )
}

function SettingsForm({ cluster }: { readonly cluster: Cluster }) {
  const client = useQueryClient()
  const [billing, setBilling] = useState<BillingType>(cluster.properties.billingType)

  async function submit(form: FormData) {
    await startOperation(
      t.saving(cluster.name),
      changeCluster(cluster, Number(form.get('capacity')), billing),
    )
    await refresh(client, ['clusters'])
    toast(t.saved)
  }

  return (
    <Form onSubmit={submit} submitLabel={t.save}>
      <NumberField
        label={t.capacity}
        description={t.capacityHelp}
        name="capacity"
        defaultValue={cluster.sku.capacity}
        step={100}
        formatOptions={{ useGrouping: false }}
        isRequired
      />
      <Select
        label={t.billing}
        items={[
          { id: 'Cluster', label: t.billings.Cluster },
          { id: 'Workspaces', label: t.billings.Workspaces },
        ]}
        value={billing}
        onChange={setBilling}
      />
    </Form>
  )
}

function Deletion({ cluster, onDeleted }: { readonly cluster: Cluster; readonly onDeleted: () => void }) {
  const client = useQueryClient()

  async function remove() {
    await startOperation(t.removing(cluster.name), deleteCluster(cluster))
    onDeleted()
    await refresh(client, ['clusters'])
  }

  return (
    <ConfirmButton
      label={t.remove}
      variant="danger"
      title={t.removeTitle(cluster.name)}
      onConfirm={remove}
      name={cluster.name}
    >
      <p>{t.removeText}</p>
    </ConfirmButton>
  )
}
