import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { armDelete } from '@/api/arm'
import { refresh } from '@/api/refresh'
import { WORKSPACE_VERSION } from '@/api/workspaces'
import { t } from '@/i18n/en/customers'
import { Button, ConfirmDialog, toast } from '@/ui'

interface Props {
  readonly resourceId: string
  readonly name: string
  readonly onRemoved: () => void
}

/** The end of a customer of a workspace: its keys go, what it sent stays for as long as it is kept. */
export function Removal({ resourceId, name, onRemoved }: Props) {
  const client = useQueryClient()
  const [isAsked, setAsked] = useState(false)

  async function remove() {
    await armDelete(resourceId, WORKSPACE_VERSION)
    toast(t.removed(name))
    onRemoved()
    await refresh(client, ['customers'])
  }

  return (
    <>
      <Button variant="danger" onPress={() => setAsked(true)}>
        {t.remove}
      </Button>
      <ConfirmDialog
        title={t.removeTitle(name)}
        isOpen={isAsked}
        onClose={() => setAsked(false)}
        onConfirm={remove}
        confirmLabel={t.remove}
        name={name}
      >
        <p>{t.removeText}</p>
      </ConfirmDialog>
    </>
  )
}
