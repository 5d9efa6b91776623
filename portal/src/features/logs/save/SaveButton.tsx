import { useQueryClient } from '@tanstack/react-query'
import { Save } from 'lucide-react'
import { useState } from 'react'
import { create } from 'zustand'
import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/logs'
import { Button } from '@/ui/Button'
import { Dialog } from '@/ui/Dialog'
import { toast } from '@/ui/toast'
import { useTabs } from '../tabs/store'
import { titleOf, type Tab } from '../tabs/tab'
import { getSearch, putSearch, type SavedSearch } from './api'
import { DiffView } from './DiffView'
import { SaveForm } from './SaveForm'

interface SaveStore {
  readonly isOpen: boolean
  readonly setOpen: (isOpen: boolean) => void
  readonly conflict: SavedSearch | null
  readonly setConflict: (conflict: SavedSearch | null) => void
}

/** Ctrl+S in the editor and the button open the same dialog. */
const useSave = create<SaveStore>((set) => ({
  isOpen: false,
  setOpen: (isOpen) => set({ isOpen }),
  conflict: null,
  setConflict: (conflict) => set({ conflict }),
}))

/** Saves over what the tab was opened from, else asks where to. */
export async function saveTab(tab: Tab, overwriting?: SavedSearch): Promise<void> {
  if (tab.text.trim() === '') return
  if (!tab.saved) return useSave.getState().setOpen(true)
  const current = overwriting ?? (await getSearch(tab.saved.id))
  const isOurs = overwriting !== undefined || (current.etag ?? '') === tab.saved.etag
  if (!isOurs) return useSave.getState().setConflict(current)
  const made = await putSearch(tab.saved.id, { ...current.properties, query: tab.text }, current.etag)
  noteSaved(tab, made)
}

export function noteSaved(tab: Tab, made: SavedSearch): void {
  const { displayName, query } = made.properties
  const saved = { id: made.id, etag: made.etag ?? '', text: query }
  useTabs.getState().change(tab.id, { name: displayName, saved })
  useSave.getState().setConflict(null)
  toast({ title: t.saved.saved(displayName), tone: 'ok' })
}

interface SaveButtonProps {
  readonly tab: Tab
  readonly workspaceResourceId: string | undefined
}

export function SaveButton({ tab, workspaceResourceId }: SaveButtonProps) {
  const { isOpen, setOpen, conflict, setConflict } = useSave()
  const client = useQueryClient()
  const [isSaving, setSaving] = useState(false)

  async function save(overwriting?: SavedSearch) {
    setSaving(true)
    try {
      await saveTab(tab, overwriting)
      await client.invalidateQueries({ queryKey: ['saved'] })
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      // What was saved is gone: it is saved anew.
      if (failure.status === 404) setOpen(true)
      else toast({ title: failure.message, tone: 'danger' })
    } finally {
      setSaving(false)
    }
  }

  return (
    <>
      <Button
        icon={<Save aria-hidden />}
        isPending={isSaving}
        isDisabled={tab.text.trim() === '' || !workspaceResourceId}
        onPress={() => void save()}
      >
        {t.saved.save}
      </Button>
      <Dialog title={t.saved.saveAs} isOpen={isOpen} onClose={() => setOpen(false)}>
        {workspaceResourceId && (
          <SaveForm tab={tab} title={titleOf(tab)} workspaceId={workspaceResourceId} onClose={() => setOpen(false)} />
        )}
      </Dialog>
      {conflict && (
        <Dialog
          title={t.saved.conflict}
          size="wide"
          isOpen
          onClose={() => setConflict(null)}
          actions={<ConflictActions conflict={conflict} onOverwrite={() => void save(conflict)} />}
        >
          <p>{t.saved.conflictText}</p>
          <DiffView
            before={conflict.properties.query}
            after={tab.text}
            beforeLabel={t.saved.theirs}
            afterLabel={t.saved.yours}
          />
        </Dialog>
      )}
    </>
  )
}

function ConflictActions({ conflict, onOverwrite }: { readonly conflict: SavedSearch; readonly onOverwrite: () => void }) {
  return (
    <>
      <Button
        onPress={() => {
          openSaved(conflict)
          useSave.getState().setConflict(null)
        }}
      >
        {t.saved.openTheirs}
      </Button>
      <Button variant="danger" onPress={onOverwrite}>
        {t.saved.overwrite}
      </Button>
    </>
  )
}

/** Opens a saved query in a tab: the one that has it already, else a new one. */
export function openSaved(found: SavedSearch): void {
  const { tabs, activate, add } = useTabs.getState()
  const { displayName, query } = found.properties
  const saved = { id: found.id, etag: found.etag ?? '', text: query }
  const open = tabs.find((tab) => tab.saved?.id === found.id && tab.text === query)
  if (open) activate(open.id)
  else add({ name: displayName, text: query, saved })
}
