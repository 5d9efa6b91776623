import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Workspace } from '@/api/workspaces'
import { t } from '@/i18n/en/keys'
import { ErrorState, KeyValues, Status, Time } from '@/ui'
import { clusterQuery, keyStatusQuery, periodOf, type KeyStatus } from './api'

/** How old each key is, and what encrypts the records. */
export function KeyFacts({ workspace }: { readonly workspace: Workspace }) {
  const status = useQuery(keyStatusQuery(workspace.id))
  const cluster = useQuery(clusterQuery(workspace.properties.features.clusterResourceId))
  if (status.error) return <ErrorState error={status.error} retry={() => void status.refetch()} />
  if (!status.data) return null
  const vault = cluster.data?.properties.keyVaultProperties
  const facts: (readonly [string, ReactNode])[] = [
    ...status.data.accessKeys.map(
      ({ key, createdAt }) =>
        [
          t.names[key],
          <span key={key}>
            {t.made} <Time value={createdAt} format="age" />
            {`, ${t.signed(status.data.uses.filter((use) => use.key === key).length, periodOf(status.data))}`}
          </span>,
        ] as const,
    ),
    ...dataKeyFacts(status.data),
    [
      t.above,
      vault?.keyName ? (
        <code key="vault">{`${vault.keyVaultUri ?? ''}keys/${vault.keyName}`}</code>
      ) : (
        t.serviceKey
      ),
    ],
  ]
  return (
    <section aria-label={t.stand}>
      <h2>{t.stand}</h2>
      <KeyValues items={facts} />
    </section>
  )
}

function dataKeyFacts({ dataKey }: KeyStatus): (readonly [string, ReactNode])[] {
  if (!dataKey) return []
  return [
    [
      t.dataKey,
      <span key="data">
        {t.version(dataKey.version)} <Time value={dataKey.createdAt} format="age" />
        {`, ${t.due} `}
        <Time value={dataKey.dueAt} format="date" />
      </span>,
    ],
    ...(dataKey.sealedOff
      ? ([[t.state, <Status key="seal" tone="danger" word={t.sealedOff(dataKey.sealedOff)} />]] as const)
      : []),
  ]
}
