import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { armPost } from '@/api/arm'
import { workspaceResourceQuery, WORKSPACE_VERSION } from '@/api/workspaces'
import { useScope } from '@/app/scope'
import { workspaceQuery } from '@/app/scopes'
import { t } from '@/i18n/en/keys'
import { Button, CodeBlock, ConfirmButton, ErrorState, Loading, Page, toast } from '@/ui'

interface SharedKeys {
  readonly primarySharedKey: string
  readonly secondarySharedKey: string
}

type Slot = 'PrimarySharedKey' | 'SecondarySharedKey'

/** The keys with which records are sent to a workspace. They are fetched only when somebody wants to see them. */
export function Keys() {
  const { workspace } = useScope()
  const scope = useQuery(workspaceQuery(workspace))
  const id = scope.data?.id ?? ''
  const resource = useQuery(workspaceResourceQuery(id))
  const [keys, setKeys] = useState<SharedKeys | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const error = scope.error ?? resource.error ?? failure

  async function show() {
    setFailure(null)
    await armPost<SharedKeys>(`${id}/sharedKeys`, WORKSPACE_VERSION).then(setKeys, setFailure)
  }

  return (
    <Page
      title={t.keys}
      description={t.description}
      actions={
        keys ? (
          <Button onPress={() => setKeys(null)}>{t.hide}</Button>
        ) : (
          <Button variant="primary" isDisabled={id === ''} onPress={() => void show()}>
            {t.show}
          </Button>
        )
      }
    >
      {error ? <ErrorState error={error} /> : null}
      {!error && !resource.data && <Loading />}
      {resource.data?.properties.features.disableLocalAuth && <p role="status">{t.localAuth}</p>}
      <section>
        <h2>{t.how}</h2>
        <p>{t.howText}</p>
        <CodeBlock label={t.workspaceId} code={workspace ?? ''} />
      </section>
      {keys ? (
        <>
          <Key
            id={id}
            slot="PrimarySharedKey"
            name={t.primary}
            value={keys.primarySharedKey}
            onChange={setKeys}
          />
          <Key
            id={id}
            slot="SecondarySharedKey"
            name={t.secondary}
            value={keys.secondarySharedKey}
            onChange={setKeys}
          />
        </>
      ) : (
        <p>{t.showText}</p>
      )}
    </Page>
  )
}

interface KeyProps {
  /** The workspace's resource id. */
  readonly id: string
  readonly slot: Slot
  readonly name: string
  readonly value: string
  readonly onChange: (keys: SharedKeys) => void
}

function Key({ id, slot, name, value, onChange }: KeyProps) {
  async function regenerate() {
    onChange(await armPost<SharedKeys>(`${id}/regenerateSharedKey`, WORKSPACE_VERSION, { keyType: slot }))
    toast(t.regenerated)
  }

  return (
    <section>
      <h2>{name}</h2>
      <CodeBlock label={name} code={value} isWrapped />
      <ConfirmButton
        label={t.regenerate}
        size="small"
        title={t.regenerateTitle(name)}
        onConfirm={regenerate}
        isDanger
      >
        <p>{t.regenerateText}</p>
      </ConfirmButton>
    </section>
  )
}
