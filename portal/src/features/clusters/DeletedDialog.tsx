import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { startOperation } from '@/app/notices'
import { useCan } from '@/app/session'
import { t } from '@/i18n/en/clusters'
import { Button, Dialog, EmptyState, ErrorState, Loading, Time } from '@/ui'
import { deletedClustersQuery, recoverCluster, type DeletedCluster } from './api'

const DAY_MILLISECONDS = 86_400_000

interface Props {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Clusters that were deleted and can be had back, with the days that are left for it. */
export function DeletedDialog({ isOpen, onClose }: Props) {
  return (
    <Dialog title={t.deleted} isOpen={isOpen} onClose={onClose}>
      <p>{t.deletedText}</p>
      <DeletedList />
    </Dialog>
  )
}

function DeletedList() {
  const { data, error, refetch } = useQuery(deletedClustersQuery)
  if (error) return <ErrorState error={error} retry={() => void refetch()} />
  if (!data) return <Loading />
  if (data.length === 0) return <EmptyState title={t.deletedNone} />
  return (
    <ul>
      {data.map((cluster) => (
        <DeletedItem key={cluster.id} cluster={cluster} />
      ))}
    </ul>
  )
}

function DeletedItem({ cluster }: { readonly cluster: DeletedCluster }) {
  const client = useQueryClient()
  const canWrite = useCan('write')
  const [now] = useState(() => Date.now())
  const [error, setError] = useState<unknown>(null)
  const days = Math.ceil((Date.parse(cluster.destroyedAt) - now) / DAY_MILLISECONDS)

  async function recover() {
    try {
      await startOperation(t.recovering(cluster.name), recoverCluster(cluster))
      await refresh(client, ['clusters'])
    } catch (failure) {
      setError(failure)
    }
  }

  return (
    <li>
      {cluster.name}, {t.daysLeft(days)} (<Time value={cluster.destroyedAt} />){' '}
      {canWrite && (
        <Button size="small" onPress={() => void recover()}>
          {t.recover}
        </Button>
      )}
      {error !== null && <ErrorState error={error} />}
    </li>
  )
}
