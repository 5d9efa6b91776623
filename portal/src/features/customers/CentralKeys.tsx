import { useState } from 'react'
import { t } from '@/i18n/en/customers'
import { Button, CodeBlock, ConfirmDialog, ErrorState, toast } from '@/ui'
import { listKeys, regenerateKey, type CustomerKeys, type KeyType } from './central'

/** The keys with which a customer's records are sent; fetched only when somebody wants to see them. */
export function CentralKeys({ resourceId }: { readonly resourceId: string }) {
  const [keys, setKeys] = useState<CustomerKeys | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [asked, setAsked] = useState<KeyType | null>(null)

  async function show() {
    setError(null)
    await listKeys(resourceId).then(setKeys, setError)
  }

  async function regenerate() {
    if (asked) setKeys(await regenerateKey(resourceId, asked))
    toast(t.regenerated)
  }

  return (
    <section aria-label={t.keys}>
      <h3>{t.keys}</h3>
      {error !== null && <ErrorState error={error} />}
      {keys === null ? (
        <Button size="small" onPress={() => void show()}>
          {t.showKeys}
        </Button>
      ) : (
        <>
          <CodeBlock label={t.customerId} code={keys.customerId} isWrapped />
          {(['Primary', 'Secondary'] as const).map((type) => (
            <div key={type}>
              <h4>{t.keyNames[type]}</h4>
              <CodeBlock
                label={t.keyNames[type]}
                code={type === 'Primary' ? keys.primaryKey : keys.secondaryKey}
                isWrapped
              />
              <Button size="small" onPress={() => setAsked(type)}>
                {t.regenerate(t.keyNames[type])}
              </Button>
            </div>
          ))}
          <Button size="small" onPress={() => setKeys(null)}>
            {t.hideKeys}
          </Button>
        </>
      )}
      <ConfirmDialog
        title={t.regenerateTitle(asked ? t.keyNames[asked] : '')}
        isOpen={asked !== null}
        onClose={() => setAsked(null)}
        onConfirm={regenerate}
        confirmLabel={t.regenerateNow}
        isDanger
      >
        <p>{t.regenerateText}</p>
      </ConfirmDialog>
    </section>
  )
}
