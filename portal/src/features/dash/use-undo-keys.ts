import { useEffect, type Dispatch } from 'react'
import type { Edit } from './editing'

/** `Ctrl Z` takes back, `Ctrl Shift Z` and `Ctrl Y` do again; fields of text and open dialogs keep these keys for themselves. */
export function useUndoKeys(change: Dispatch<Edit>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isHeld = (event.ctrlKey || event.metaKey) && !event.altKey
      const key = event.key.toLowerCase()
      if (!isHeld || (key !== 'z' && key !== 'y')) return
      if ((event.target as Element).closest('input, textarea, [contenteditable], [role$="dialog"]')) return
      event.preventDefault()
      change({ kind: key === 'y' || event.shiftKey ? 'redo' : 'undo' })
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [change])
}
