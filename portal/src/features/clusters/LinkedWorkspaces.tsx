import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { startOperation } from '@/app/notices'
import { useScope, workspacePath } from '@/app/scope'
import { scopesQuery } from '@/app/scopes'
import { t } from '@/i18n/en/clusters'
import { writeQueryHash } from '@/lib/query-link'
import { Button, ComboBox, ConfirmButton, EmptyState, ErrorState, Form, Status, Time } from '@/ui'
import {
  LAG_QUERY,
  linkChecksQuery,
  linkWorkspace,
  unlinkWorkspace,
  type Cluster,
  type LinkChecks,
  type LinkedWorkspace,
} from './api'
import css from './checks.module.css'

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
            <LagButton workspace={workspace} />{' '}
            {canWrite && <Unlink workspace={workspace} cluster={cluster} />}
          </li>
        ))}
      </ul>
      {canWrite && <LinkForm cluster={cluster} />}
    </section>
  )
}

/** The server says what stands against a link before it is begun. */
function LinkForm({ cluster }: { readonly cluster: Cluster }) {
  const client = useQueryClient()
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState('')
  const { data } = useQuery(scopesQuery(search))
  const workspaces = (data?.value ?? []).filter((item) => item.kind === 'workspace')
  const workspace = workspaces.find((item) => item.id === chosen)
  const checks = useQuery(linkChecksQuery(chosen, cluster))
  const isAllowed = checks.data?.checks.every((check) => check.isMet) ?? false

  async function submit() {
    if (!workspace) return
    await startOperation(t.linking(workspace.name, cluster.name), linkWorkspace(workspace.id, cluster))
    setChosen('')
    setSearch('')
    await refresh(client, ['clusters'])
  }

  return (
    <Form onSubmit={submit} submitLabel={t.link} isDisabled={!workspace || !isAllowed}>
      <ComboBox
        label={t.workspace}
        description={t.linkText}
        items={workspaces.map((item) => ({ id: item.id, label: item.name }))}
        value={chosen}
        onChange={setChosen}
        inputValue={search}
        onSearch={setSearch}
      />
      {checks.error && <ErrorState error={checks.error} />}
      {checks.data && <Checks checks={checks.data} />}
    </Form>
  )
}

function Checks({ checks }: { readonly checks: LinkChecks }) {
  return (
    <section aria-label={t.checks}>
      <ul className={css['checks']}>
        {checks.checks.map(({ name, isMet, problem }) => (
          <li key={name}>
            <Status tone={isMet ? 'ok' : 'danger'} word={isMet ? t.met[name] : (problem ?? t.met[name])} />
          </li>
        ))}
      </ul>
      <p>{t.linksUsed(checks.linksUsed, checks.linksAllowed, checks.windowDays)}</p>
    </section>
  )
}

/** Opens the records of the last hour by minute: nothing is missing where the link was made. */
function LagButton({ workspace }: { readonly workspace: LinkedWorkspace }) {
  const { tenant } = useScope()
  const router = useRouter()

  async function open() {
    const hash = await writeQueryHash({ query: LAG_QUERY, timespan: 'PT1H', run: true })
    await router.navigate({ href: `${workspacePath(tenant, workspace.workspaceId, 'logs')}${hash}` })
  }

  return (
    <Button size="small" onPress={() => void open()}>
      {t.lag}
    </Button>
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
