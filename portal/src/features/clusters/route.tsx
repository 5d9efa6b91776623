import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSession } from '@/app/session'
import { SubscriptionSelect, useSubscription } from '@/app/SubscriptionSelect'
import { t } from '@/i18n/en/clusters'
import { useUrlState } from '@/lib/url-state'
import { Button, EmptyState, ListPage, Status, type ListColumn, type Tone } from '@/ui'
import { ClusterDetails } from './ClusterDetails'
import { CreateDialog } from './CreateDialog'
import { DeletedDialog } from './DeletedDialog'
import { clustersQuery, type Cluster } from './api'

const TONES: Readonly<Record<string, Tone>> = { Succeeded: 'ok', Failed: 'danger' }

const COLUMNS: readonly ListColumn<Cluster>[] = [
  { id: 'name', label: t.name, value: (row) => row.name },
  {
    id: 'state',
    label: t.state,
    value: (row) => row.properties.provisioningState,
    cell: ({ properties: { provisioningState } }) => (
      <Status tone={TONES[provisioningState] ?? 'info'} word={provisioningState} />
    ),
  },
  { id: 'location', label: t.location, value: (row) => row.location },
  { id: 'capacity', label: t.capacity, align: 'end', value: (row) => row.sku.capacity },
  { id: 'billing', label: t.billing, value: (row) => t.billings[row.properties.billingType] },
  {
    id: 'linked',
    label: t.linked,
    align: 'end',
    value: (row) => row.properties.associatedWorkspaces?.length ?? 0,
  },
  {
    id: 'key',
    label: t.key,
    value: (row) => (row.properties.keyVaultProperties?.keyName ? t.ownKey : t.serviceKey),
  },
]

/** Dedicated clusters of a subscription. */
export function Clusters() {
  const { permissions } = useSession()
  const [scope, setScope] = useUrlState('scope')
  const [isCreating, setCreating] = useState(false)
  const [isDeletedOpen, setDeletedOpen] = useState(false)
  const { id: subscription, error } = useSubscription(scope)
  const clusters = useQuery(clustersQuery(subscription))

  return (
    <ListPage
      title={t.clusters}
      description={t.description}
      columns={COLUMNS}
      rows={clusters.data}
      rowKey={(row) => row.name}
      error={error ?? clusters.error}
      retry={() => void clusters.refetch()}
      empty={<EmptyState title={t.none} text={t.noneText} />}
      actions={
        <>
          <SubscriptionSelect isLabelHidden value={subscription} onChange={setScope} />
          <Button onPress={() => setDeletedOpen(true)}>{t.deleted}</Button>
          {permissions.write && (
            <Button variant="primary" onPress={() => setCreating(true)}>
              {t.create}
            </Button>
          )}
        </>
      }
      panel={(row, close) => ({
        title: row.name,
        content: <ClusterDetails cluster={row} canWrite={permissions.write} onDeleted={close} />,
      })}
    >
      <DeletedDialog isOpen={isDeletedOpen} onClose={() => setDeletedOpen(false)} />
      <CreateDialog subscription={subscription} isOpen={isCreating} onClose={() => setCreating(false)} />
    </ListPage>
  )
}
