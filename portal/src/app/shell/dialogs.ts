import { create } from 'zustand'

export type DialogName = 'palette' | 'keys' | 'scope' | 'notices'

interface DialogStore {
  /** The one that is open. */
  readonly open: DialogName | null
  readonly show: (name: DialogName | null) => void
}

export const useDialogs = create<DialogStore>((set) => ({ open: null, show: (open) => set({ open }) }))
