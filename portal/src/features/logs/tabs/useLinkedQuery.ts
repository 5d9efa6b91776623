import { useRouter, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { readQueryHash, type LinkedQuery } from '@/lib/query-link'
import { useTabs } from './store'

/**
 * Opens the query that the address brings: the address wins over the tabs that were kept. It is taken out of the address
 * then, so that a reload shows the tab as it was left and not the link again.
 */
export function useLinkedQuery(onRun: () => void): void {
  const router = useRouter()
  const hash = useRouterState({ select: (state) => state.location.hash })
  useEffect(() => {
    if (hash === '') return
    let isGone = false
    void readQueryHash(hash).then((linked) => {
      if (isGone || !linked) return
      openLinked(linked)
      const { pathname, searchStr } = router.state.location
      router.history.replace(pathname + searchStr)
      if (linked.run) onRun()
    })
    return () => {
      isGone = true
    }
  }, [router, hash, onRun])
}

/** Shows the query in the tab that has it already, in one that is empty, or in a new one. */
function openLinked({ query, timespan, also = [] }: LinkedQuery): void {
  const { tabs, active, activate, add, change } = useTabs.getState()
  const changes = { text: query, also, ...(timespan === undefined ? {} : { timespan }) }
  const isBlank = (tab: { readonly text: string }) => tab.text.trim() === ''
  const target =
    tabs.find((tab) => tab.text === query) ??
    tabs.find((tab) => tab.id === active && isBlank(tab) && tab.name === null)
  if (!target) {
    add(changes)
    return
  }
  change(target.id, changes)
  activate(target.id)
}
