import { useQueryClient } from '@tanstack/react-query'
import { Redo2, Undo2 } from 'lucide-react'
import { useState, type Dispatch } from 'react'
import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/dash'
import { Button, ConfirmDialog, Dialog, ErrorState, IconButton, Menu, toast } from '@/ui'
import { freeId, type Item } from './document'
import type { Edit, EditState } from './editing'
import { ParameterEditor } from './ParameterEditor'
import { SettingsDialog } from './SettingsDialog'
import { saveDashboard } from './storage'
import type { Opened } from './use-opened'

interface Props {
  readonly opened: Opened
  readonly state: EditState
  readonly change: Dispatch<Edit>
  readonly isJson: boolean
  readonly onJson: () => void
  readonly onDone: () => void
}

const PRECONDITION_FAILED = 412

/** What one does while a dashboard is changed. */
export function EditBar({ opened, state, change, isJson, onJson, onDone }: Props) {
  const [error, setError] = useState<unknown>(null)
  const [isPending, setPending] = useState(false)
  const [shown, setShown] = useState<'none' | 'parameter' | 'settings' | 'discard'>('none')
  const client = useQueryClient()

  async function save(etag: string | undefined) {
    setPending(true)
    setError(null)
    try {
      await saveDashboard(opened.resourceId, opened.location, state.present, etag)
      await client.invalidateQueries({ queryKey: ['dash', 'list'] })
      await client.refetchQueries({ queryKey: ['dash', 'opened'] })
      toast(t.saved)
      onDone()
    } catch (failure) {
      setError(failure)
    } finally {
      setPending(false)
    }
  }

  const items = state.present.items
  const add = (item: Item) => change({ kind: 'add', item })
  const isConflict = error instanceof ApiError && error.status === PRECONDITION_FAILED
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
      <Button variant="primary" isPending={isPending} onPress={() => void save(opened.etag)}>
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
          isConflict && (
            <>
              <Button
                onPress={() => {
                  void client.refetchQueries({ queryKey: ['dash', 'opened'] })
                  onDone()
                }}
              >
                {t.conflictReload}
              </Button>
              <Button variant="danger" onPress={() => void save(undefined)}>
                {t.conflictOverwrite}
              </Button>
            </>
          )
        }
      >
        {isConflict ? <p>{t.conflict}</p> : <ErrorState error={error} />}
      </Dialog>
    </>
  )
}
