import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { startOperation } from '@/app/notices'
import { scopesQuery } from '@/app/scopes'
import { t } from '@/i18n/en/clusters'
import { ComboBox, ConfirmButton, EmptyState, Form, Time } from '@/ui'
import { linkWorkspace, unlinkWorkspace, type Cluster, type LinkedWorkspace } from './api'

interface Props {
  readonly cluster: Cluster
  readonly canWrite: boolean
}

/** The workspaces of a cluster, with the ways in and out. */
export function LinkedWorkspaces({ cluster, canWrite }: Props) {
  const linked = cluster.properties.associatedWorkspaces ?? []
  return (
    <section aria-label={t.linked}>
      <h3>{t.linked}</h3>
      {linked.length === 0 && <EmptyState title={t.noneLinked} />}
      <ul>
        {linked.map((workspace) => (
          <li key={workspace.workspaceId}>
            {workspace.workspaceName}, {t.since} <Time value={workspace.associateDate} />{' '}
            {canWrite && <Unlink workspace={workspace} cluster={cluster} />}
          </li>
        ))}
      </ul>
      {canWrite && <LinkForm cluster={cluster} />}
    </section>
  )
}

/** What can be seen to be wrong is said before anything is asked of the server. */
function LinkForm({ cluster }: { readonly cluster: Cluster }) {
  const client = useQueryClient()
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState('')
  const { data } = useQuery(scopesQuery(search))
  const workspaces = (data?.value ?? []).filter((item) => item.kind === 'workspace')
  const workspace = workspaces.find((item) => item.id === chosen)
  const isElsewhere =
    workspace?.location !== undefined &&
    workspace.location !== null &&
    workspace.location !== cluster.location

  async function submit() {
    if (!workspace) return
    await startOperation(t.linking(workspace.name, cluster.name), linkWorkspace(workspace.id, cluster))
    setChosen('')
    setSearch('')
    await refresh(client, ['clusters'])
  }

  return (
    <Form onSubmit={submit} submitLabel={t.link} isDisabled={!workspace || isElsewhere}>
      <ComboBox
        label={t.workspace}
        description={t.linkText}
        {...(isElsewhere ? { error: t.wrongLocation(workspace.location ?? '', cluster.location ?? '') } : {})}
        items={workspaces.map((item) => ({ id: item.id, label: item.name }))}
        value={chosen}
        onChange={setChosen}
        inputValue={search}
        onSearch={setSearch}
      />
    </Form>
  )
}

function Unlink({ workspace, cluster }: { readonly workspace: LinkedWorkspace; readonly cluster: Cluster }) {
  const client = useQueryClient()
  const name = workspace.workspaceName

  async function unlink() {
    await startOperation(t.unlinking(name, cluster.name), unlinkWorkspace(workspace.resourceId))
    await refresh(client, ['clusters'])
  }

  return (
    <ConfirmButton label={t.unlink} size="small" title={t.unlinkTitle(name)} onConfirm={unlink}>
      <p>{t.unlinkText}</p>
    </ConfirmButton>
  )
}
