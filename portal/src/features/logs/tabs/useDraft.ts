import { useEffect, useState } from 'react'
import { DraftKeeper, type Keeping } from './drafts'
import { useTabs } from './store'

const LOADING: DraftState = { kind: 'loading' }

export type DraftState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly keeping: Keeping }
  | { readonly kind: 'failed'; readonly error: unknown }

/** Opens the tabs of a workspace as the server kept them. The draft follows from then on. */
export function useDraft(workspace: string): DraftState {
  const [state, setState] = useState({ workspace, draft: LOADING })

  useEffect(() => {
    const gone = new AbortController()
    const tell = (draft: DraftState) => setState({ workspace, draft })
    const keeper = new DraftKeeper(workspace, (keeping) => tell({ kind: 'ready', keeping }))
    const open = async () => {
      const set = await keeper.open(gone.signal)
      if (gone.signal.aborted) return
      useTabs.getState().load(workspace, set)
      keeper.follow()
      tell({ kind: 'ready', keeping: 'kept' })
    }
    open().catch((error: unknown) => {
      if (!gone.signal.aborted) tell({ kind: 'failed', error })
    })
    const flush = () => keeper.leave()
    // What could not be kept while there was no way to the server is kept now.
    const keep = () => keeper.flush()
    window.addEventListener('pagehide', flush)
    window.addEventListener('online', keep)
    return () => {
      gone.abort()
      window.removeEventListener('pagehide', flush)
      window.removeEventListener('online', keep)
      keeper.close()
    }
  }, [workspace])

  return state.workspace === workspace ? state.draft : LOADING
}
