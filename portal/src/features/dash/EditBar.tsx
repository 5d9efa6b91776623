import { useQueryClient } from '@tanstack/react-query'
import { Redo2, Undo2 } from 'lucide-react'
import { useState, type Dispatch } from 'react'
import { ApiError } from '@/api/client'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/dash'
import { Button, ConfirmDialog, Dialog, ErrorState, IconButton, Menu, toast } from '@/ui'
import { freeId, type Item } from './document'
import type { Edit, EditState } from './editing'
import { ParameterEditor } from './ParameterEditor'
import { SettingsDialog } from './SettingsDialog'
import { putDashboard, refreshLists, saveDashboard } from './storage'
import type { Opened } from './use-opened'
import { useUndoKeys } from './use-undo-keys'

interface Props {
  readonly opened: Opened
  readonly state: EditState
  readonly change: Dispatch<Edit>
  readonly isJson: boolean
  readonly onJson: () => void
  readonly onDone: () => void
}

/** What somebody else has done to it meanwhile, by the status that tells. */
const CONFLICTS: Readonly<Record<number, string>> = { 404: t.conflictRemoved, 412: t.conflict }

/** What one does while a dashboard is changed. */
export function EditBar({ opened, state, change, isJson, onJson, onDone }: Props) {
  const [error, setError] = useState<unknown>(null)
  const [isPending, setPending] = useState(false)
  const [shown, setShown] = useState<'none' | 'parameter' | 'settings' | 'discard'>('none')
  const client = useQueryClient()

  const readAnew = () => Promise.all([refreshLists(client), refresh(client, ['dash', 'opened'])])

  async function save(write: () => Promise<unknown>) {
    setPending(true)
    setError(null)
    try {
      await write()
      await readAnew()
      toast(t.saved)
      onDone()
    } catch (failure) {
      setError(failure)
    } finally {
      setPending(false)
    }
  }

  useUndoKeys(change)
  const items = state.present.items
  const add = (item: Item) => change({ kind: 'add', item })
  const conflict = error instanceof ApiError ? CONFLICTS[error.status] : undefined
  const saveMine = () => save(() => saveDashboard(opened.resourceId, state.present, opened.etag))
  const overwrite = () => save(() => putDashboard(opened.resourceId, opened.location, state.present))
  return (
    <>
      <IconButton
        label={t.undo}
        icon={<Undo2 aria-hidden />}
        isDisabled={state.past.length === 0}
        onPress={() => change({ kind: 'undo' })}
      />
      <IconButton
        label={t.redo}
        icon={<Redo2 aria-hidden />}
        isDisabled={state.future.length === 0}
        onPress={() => change({ kind: 'redo' })}
      />
      <Menu
        label={t.add}
        trigger={<Button>{t.add}</Button>}
        items={[
          {
            id: 'query',
            label: t.addQuery,
            onAction: () =>
              add({
                id: freeId(items, 'query'),
                kind: 'query',
                title: t.newQuery,
                query: 'Heartbeat\n| summarize count() by Computer',
              }),
          },
          {
            id: 'markdown',
            label: t.addMarkdown,
            onAction: () => add({ id: freeId(items, 'text'), kind: 'markdown', text: t.newText }),
          },
          {
            id: 'links',
            label: t.addLinks,
            onAction: () => add({ id: freeId(items, 'links'), kind: 'links', links: [] }),
          },
          {
            id: 'group',
            label: t.addGroup,
            onAction: () => add({ id: freeId(items, 'group'), kind: 'group', title: t.newGroup }),
          },
          { id: 'parameter', label: t.addParameter, onAction: () => setShown('parameter') },
        ]}
      />
      <Button aria-pressed={isJson} onPress={onJson}>
        {t.json}
      </Button>
      <Button onPress={() => setShown('settings')}>{t.settings}</Button>
      <Button onPress={() => (state.past.length > 0 ? setShown('discard') : onDone())}>
        {state.past.length > 0 ? t.discard : t.done}
      </Button>
      <Button variant="primary" isPending={isPending} onPress={() => void saveMine()}>
        {t.save}
      </Button>
      {shown === 'parameter' && (
        <ParameterEditor
          onAdd={(parameter) => change({ kind: 'parameter', parameter, replaces: null })}
          onClose={() => setShown('none')}
        />
      )}
      {shown === 'settings' && (
        <SettingsDialog
          dashboard={state.present}
          onChange={(dashboard) => change({ kind: 'put', dashboard })}
          onClose={() => setShown('none')}
        />
      )}
      <ConfirmDialog
        title={t.discardTitle}
        isOpen={shown === 'discard'}
        onClose={() => setShown('none')}
        onConfirm={onDone}
        confirmLabel={t.discard}
        isDanger
      >
        <p>{t.discardText(state.past.length)}</p>
      </ConfirmDialog>
      <Dialog
        title={t.save}
        isOpen={error !== null}
        onClose={() => setError(null)}
        isAlert
        actions={
          conflict && (
            <>
              <Button
                onPress={() => {
                  void readAnew()
                  onDone()
                }}
              >
                {t.conflictReload}
              </Button>
              <Button variant="danger" onPress={() => void overwrite()}>
                {t.conflictOverwrite}
              </Button>
            </>
          )
        }
      >
        {conflict ? <p>{conflict}</p> : <ErrorState error={error} />}
      </Dialog>
    </>
  )
}
