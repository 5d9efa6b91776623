import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import type { Workspace } from '@/api/workspaces'
import { useMay } from '@/app/may'
import { t } from '@/i18n/en/settings'
import { Badge, Button, ConfirmButton, Dialog, ErrorState, Form, RadioGroup, TextField, toast } from '@/ui'
import { createLock, locksQuery, removeLock, type Lock, type LockLevel } from './api'
import css from './settings.module.css'

const WRITE = 'Microsoft.Authorization/locks/write'
const DELETE = 'Microsoft.Authorization/locks/delete'
const LEVELS: readonly LockLevel[] = ['CanNotDelete', 'ReadOnly']

/** What keeps the workspace from being deleted or changed. */
export function Locks({ workspace }: { readonly workspace: Workspace }) {
  const may = useMay(workspace.id)
  const { data, error, refetch } = useQuery(locksQuery(workspace.id))
  const [isCreating, setCreating] = useState(false)
  return (
    <section className={css['part']} aria-label={t.locks}>
      <h2>{t.locks}</h2>
      <p>{t.locksText}</p>
      {error && <ErrorState error={error} retry={() => void refetch()} />}
      {data?.length === 0 && <p>{t.locksNone}</p>}
      <ul className={css['items']}>
        {data?.map((lock) => (
          <LockItem key={lock.id} lock={lock} canDelete={may(DELETE)} />
        ))}
      </ul>
      {may(WRITE) && (
        <div>
          <Button onPress={() => setCreating(true)}>{t.lock}</Button>
        </div>
      )}
      <p className={css['note']}>{t.whoMay(WRITE)}</p>
      <Dialog title={t.lock} isOpen={isCreating} onClose={() => setCreating(false)}>
        <LockForm workspace={workspace.id} onClose={() => setCreating(false)} />
      </Dialog>
    </section>
  )
}

function LockForm({ workspace, onClose }: { readonly workspace: string; readonly onClose: () => void }) {
  const client = useQueryClient()

  async function submit(form: FormData) {
    const name = String(form.get('name'))
    await createLock(workspace, name, form.get('level') as LockLevel, String(form.get('notes')))
    await refresh(client, ['locks'])
    toast(t.locked(name))
    onClose()
  }

  return (
    <Form onSubmit={submit} submitLabel={t.lock} onCancel={onClose}>
      <TextField autoFocus label={t.name} name="name" isRequired />
      <RadioGroup
        label={t.level}
        name="level"
        defaultValue="CanNotDelete"
        items={LEVELS.map((id) => ({ id, label: t.levels[id], description: t.levelHelp[id] }))}
      />
      <TextField label={t.notes} name="notes" />
    </Form>
  )
}

function LockItem({ lock, canDelete }: { readonly lock: Lock; readonly canDelete: boolean }) {
  const client = useQueryClient()
  const { level, notes } = lock.properties

  async function remove() {
    await removeLock(lock)
    await refresh(client, ['locks'])
    toast(t.removed(lock.name))
  }

  return (
    <li className={css['item']}>
      <strong>{lock.name}</strong> <Badge>{t.levels[level]}</Badge> {notes}
      {canDelete && (
        <ConfirmButton
          label={t.unlock}
          size="small"
          title={t.unlockTitle(lock.name)}
          onConfirm={remove}
          isDanger
        >
          <p>{t.unlockText}</p>
        </ConfirmButton>
      )}
    </li>
  )
}
