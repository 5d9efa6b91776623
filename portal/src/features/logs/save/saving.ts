import { create } from 'zustand'
import { t } from '@/i18n/en/logs'
import { toast } from '@/ui/toast'
import { useTabs } from '../tabs/store'
import type { Tab } from '../tabs/tab'
import { getSearch, putSearch, type SavedSearch } from './api'

interface SaveStore {
  readonly isOpen: boolean
  readonly setOpen: (isOpen: boolean) => void
  readonly conflict: SavedSearch | null
  readonly setConflict: (conflict: SavedSearch | null) => void
}

/** Ctrl+S in the editor and the button open the same dialog. */
export const useSave = create<SaveStore>((set) => ({
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

/** Opens a saved query in a tab: the one that has it already, else a new one. */
export function openSaved(found: SavedSearch): void {
  const { tabs, activate, add } = useTabs.getState()
  const { displayName, query } = found.properties
  const saved = { id: found.id, etag: found.etag ?? '', text: query }
  const open = tabs.find((tab) => tab.saved?.id === found.id && tab.text === query)
  if (open) activate(open.id)
  else add({ name: displayName, text: query, saved })
}
