import { useEffect, useState } from 'react'
import { readQueryHash } from '@/lib/query-link'
import { DraftKeeper } from './drafts'
import { useTabs } from './store'
import { titleOf } from './tab'

const LOADING: DraftState = { kind: 'loading' }

export type DraftState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly isKept: boolean; readonly runAtOnce: boolean }
  | { readonly kind: 'failed'; readonly error: unknown }

/**
 * Opens the tabs of a workspace: the ones the server kept, and in front of them the query that the address brings, for
 * the address wins. The draft follows from then on.
 */
export function useDraft(workspace: string): DraftState {
  const [state, setState] = useState({ workspace, draft: LOADING })

  useEffect(() => {
    const gone = new AbortController()
    const tell = (draft: DraftState) => setState({ workspace, draft })
    const keeper = new DraftKeeper(workspace, (isKept) => tell({ kind: 'ready', isKept, runAtOnce: false }))
    const open = async () => {
      const [set, linked] = await Promise.all([keeper.open(gone.signal), readQueryHash(window.location.hash)])
      if (gone.signal.aborted) return
      useTabs.getState().load(workspace, set)
      keeper.follow()
      if (linked) openLinked(linked)
      tell({ kind: 'ready', isKept: true, runAtOnce: linked?.run === true })
    }
    open().catch((error: unknown) => {
      if (!gone.signal.aborted) tell({ kind: 'failed', error })
    })
    const flush = () => keeper.leave()
    window.addEventListener('pagehide', flush)
    return () => {
      gone.abort()
      window.removeEventListener('pagehide', flush)
      keeper.close()
    }
  }, [workspace])

  return state.workspace === workspace ? state.draft : LOADING
}

type Linked = NonNullable<Awaited<ReturnType<typeof readQueryHash>>>

/** Shows the query of the address, in the tab that has it already or in a new one. */
function openLinked({ query, timespan, also = [] }: Linked): void {
  const { tabs, active, activate, add, change } = useTabs.getState()
  const changes = { also, ...(timespan === undefined ? {} : { timespan }) }
  const same = tabs.find((tab) => tab.text === query)
  const current = tabs.find((tab) => tab.id === active)
  const blank = current && current.text === '' && titleOf(current) === '' ? current : undefined
  const target = same ?? blank
  if (!target) add({ text: query, ...changes })
  else {
    change(target.id, { text: query, ...changes })
    activate(target.id)
  }
}
