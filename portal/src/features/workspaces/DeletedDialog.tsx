import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { armPut } from '@/api/arm'
import { deletedWorkspacesQuery, WORKSPACE_VERSION, type Workspace } from '@/api/workspaces'
import { SubscriptionSelect, useSubscription } from '@/app/SubscriptionSelect'
import { t } from '@/i18n/en/workspaces'
import { Button, Dialog, EmptyState, ErrorState, Loading, toast } from '@/ui'

interface Props {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Workspaces that were deleted in the last 14 days, and the way to have them back. */
export function DeletedDialog({ isOpen, onClose }: Props) {
  return (
    <Dialog title={t.deleted} isOpen={isOpen} onClose={onClose} size="wide">
      <p>{t.deletedText}</p>
      <DeletedList />
    </Dialog>
  )
}

function DeletedList() {
  const [chosen, setChosen] = useState('')
  const { id: subscription } = useSubscription(chosen)
  const { data, error, refetch } = useQuery(deletedWorkspacesQuery(subscription))
  return (
    <>
      <SubscriptionSelect value={subscription} onChange={setChosen} />
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data?.length === 0 && <EmptyState title={t.noneDeleted} />}
      {data && data.length > 0 && (
        <ul>
          {data.map((workspace) => (
            <DeletedItem key={workspace.id} workspace={workspace} />
          ))}
        </ul>
      )}
    </>
  )
}

function DeletedItem({ workspace }: { readonly workspace: Workspace }) {
  const client = useQueryClient()
  const [error, setError] = useState<unknown>(null)

  /** A deleted workspace comes back when one of its name is made in its place. */
  async function recover() {
    try {
      await armPut(workspace.id, WORKSPACE_VERSION, { location: workspace.location })
      toast(t.recovered(workspace.name))
      await refresh(client, ['workspaces'])
      await refresh(client, ['scopes'])
    } catch (failure) {
      setError(failure)
    }
  }

  return (
    <li>
      {workspace.name}{' '}
      <Button size="small" onPress={() => void recover()}>
        {t.recover}
      </Button>
      {error !== null && <ErrorState error={error} />}
    </li>
  )
}
