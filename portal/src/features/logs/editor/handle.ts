import { create } from 'zustand'
import type { Span } from './spans'

/** What the rest of the page may do with the editor that is shown, be it the plain or the full one. */
export interface EditorHandle {
  readonly getText: () => string
  /** The selection; a caret is an empty one. */
  readonly getSelection: () => Span
  /** Puts a text in the place of another as one step that can be undone; `flash` tints it for two seconds. */
  readonly replace: (span: Span, text: string, options?: { readonly flash?: Span }) => void
  readonly insert: (text: string) => void
  /** Selects, brings into view and gives the focus. */
  readonly select: (span: Span) => void
  readonly focus: () => void
  readonly format: () => void
  readonly toggleComment: () => void
}

interface EditorStore {
  readonly handle: EditorHandle | null
  readonly setHandle: (handle: EditorHandle | null) => void
}

export const useEditorStore = create<EditorStore>((set) => ({
  handle: null,
  setHandle: (handle) => set({ handle }),
}))

export function currentEditor(): EditorHandle | null {
  return useEditorStore.getState().handle
}
