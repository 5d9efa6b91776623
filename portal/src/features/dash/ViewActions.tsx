import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { EllipsisVertical, Maximize, Minimize } from 'lucide-react'
import { useState } from 'react'
import { tenantPath, useScope } from '@/app/scope'
import { t } from '@/i18n/en/dash'
import { Button, ConfirmDialog, IconButton, Menu, saveFile, toast, type MenuAction } from '@/ui'
import { storeNew } from './store-new'
import { RevisionsDialog } from './RevisionsDialog'
import { deleteDashboard, refreshLists } from './storage'
import type { Opened } from './use-opened'

interface Props {
  readonly opened: Opened
  readonly isFull: boolean
  readonly onFull: () => void
  /** Makes a picture of all of it. */
  readonly onPicture: () => void
  readonly onEdit: () => void
}

/** What one does with a dashboard that one looks at. */
export function ViewActions({ opened, isFull, onFull, onPicture, onEdit }: Props) {
  const { dashboard } = opened
  const client = useQueryClient()
  const router = useRouter()
  const { tenant, workspace } = useScope()
  const [shown, setShown] = useState<'none' | 'revisions' | 'remove'>('none')

  async function copy() {
    const stored = await storeNew(client, workspace, {
      ...dashboard,
      id: crypto.randomUUID(),
      title: t.copyOf(dashboard.title),
    })
    router.history.push(tenantPath(tenant, 'dash', stored.id))
  }

  async function remove() {
    await deleteDashboard(opened.resourceId)
    await refreshLists(client)
    toast(t.removed)
    router.history.push(tenantPath(tenant, 'dash'))
  }

  const fail = (failure: unknown) =>
    toast({ title: failure instanceof Error ? failure.message : String(failure), tone: 'danger' })
  const actions: MenuAction[] = [
    { id: 'copy', label: t.saveCopy, onAction: () => void copy().catch(fail) },
    {
      id: 'export',
      label: t.exportJson,
      onAction: () =>
        saveFile(
          `${dashboard.title}.json`,
          new Blob([JSON.stringify(dashboard, null, 2)], { type: 'application/json' }),
        ),
    },
    { id: 'picture', label: t.downloadPng, onAction: onPicture },
    ...(opened.resourceId
      ? [{ id: 'revisions', label: t.revisions, onAction: () => setShown('revisions') }]
      : []),
    ...(opened.canSave
      ? [{ id: 'remove', label: t.remove, isDanger: true, onAction: () => setShown('remove') }]
      : []),
  ]
  return (
    <>
      <IconButton
        label={isFull ? t.leaveFullScreen : t.fullScreen}
        icon={isFull ? <Minimize aria-hidden /> : <Maximize aria-hidden />}
        onPress={onFull}
      />
      {opened.canSave && <Button onPress={onEdit}>{t.edit}</Button>}
      <Menu
        label={t.more}
        placement="bottom end"
        trigger={<IconButton label={t.more} icon={<EllipsisVertical aria-hidden />} />}
        items={actions}
      />
      {shown === 'revisions' && <RevisionsDialog opened={opened} onClose={() => setShown('none')} />}
      <ConfirmDialog
        title={t.removeTitle}
        isOpen={shown === 'remove'}
        onClose={() => setShown('none')}
        onConfirm={remove}
        confirmLabel={t.remove}
        name={dashboard.title}
      >
        <p>{t.removeText(dashboard.title)}</p>
      </ConfirmDialog>
    </>
  )
}
