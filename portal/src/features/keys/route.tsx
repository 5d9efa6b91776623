import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { workspaceResourceQuery } from '@/api/workspaces'
import { useMay } from '@/app/may'
import { useScope } from '@/app/scope'
import { useWorkspace } from '@/app/scopes'
import { t } from '@/i18n/en/keys'
import { Button, CodeBlock, ConfirmButton, ErrorState, Loading, Page, toast } from '@/ui'
import { regenerateKey, showKeys, type SharedKeys, type Slot } from './api'
import { KeyFacts } from './KeyFacts'
import { Senders } from './Senders'

const SHOW = 'Microsoft.OperationalInsights/workspaces/sharedKeys/action'
const REGENERATE = 'Microsoft.OperationalInsights/workspaces/regenerateSharedKey/action'

/** The keys with which records are sent to a workspace. They are fetched only when somebody wants to see them. */
export function Keys() {
  const { workspace } = useScope()
  const scope = useWorkspace()
  const id = scope.data?.id ?? ''
  const resource = useQuery(workspaceResourceQuery(id))
  const [keys, setKeys] = useState<SharedKeys | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const may = useMay(id)
  const canShow = may(SHOW)
  const error = scope.error ?? resource.error ?? failure

  const changes = { canRegenerate: may(REGENERATE), onChange: setKeys }

  async function show() {
    setFailure(null)
    await showKeys(id).then(setKeys, setFailure)
  }

  return (
    <Page
      title={t.keys}
      description={t.description}
      actions={
        keys ? (
          <Button onPress={() => setKeys(null)}>{t.hide}</Button>
        ) : (
          canShow && (
            <Button variant="primary" onPress={() => void show()}>
              {t.show}
            </Button>
          )
        )
      }
    >
      {error ? <ErrorState error={error} /> : null}
      {!error && !resource.data && <Loading />}
      {resource.data?.properties.features.disableLocalAuth && <p role="status">{t.localAuth}</p>}
      {resource.data && <KeyFacts workspace={resource.data} />}
      <section>
        <h2>{t.how}</h2>
        <p>{t.howText}</p>
        <CodeBlock label={t.workspaceId} code={workspace ?? ''} />
      </section>
      {canShow && !keys && <p>{t.showText}</p>}
      {keys && (
        <>
          <Key id={id} slot="primary" value={keys.primarySharedKey} {...changes} />
          <Key id={id} slot="secondary" value={keys.secondarySharedKey} {...changes} />
        </>
      )}
    </Page>
  )
}

interface KeyProps {
  /** The workspace's resource id. */
  readonly id: string
  readonly slot: Slot
  readonly value: string
  readonly canRegenerate: boolean
  readonly onChange: (keys: SharedKeys) => void
}

function Key({ id, slot, value, canRegenerate, onChange }: KeyProps) {
  const client = useQueryClient()
  const name = t.names[slot]

  async function regenerate() {
    onChange(await regenerateKey(id, slot))
    toast(t.regenerated)
    await refresh(client, ['keys'])
  }

  return (
    <section>
      <h2>{name}</h2>
      <CodeBlock label={name} code={value} isWrapped />
      {canRegenerate && (
        <ConfirmButton
          label={t.regenerate}
          size="small"
          title={t.regenerateTitle(name)}
          onConfirm={regenerate}
          isDanger
        >
          <p>{t.regenerateText}</p>
          <Senders workspace={id} slot={slot} />
        </ConfirmButton>
      )}
    </section>
  )
}
