import { queryOptions, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect, useState, type RefObject } from 'react'
import { freeDropped } from './outcomes'
import { ask, type Question } from './run'

/** Whether what is asked now was asked by a timer and not by a person. */
let isAutomatic = false

export function questionQuery(question: Question) {
  return queryOptions({
    queryKey: ['dash', 'run', question.query, question.workspaces, question.timespan],
    queryFn: ({ signal }) => ask(question, signal, isAutomatic),
    staleTime: Infinity,
    gcTime: 60_000,
    structuralSharing: false,
    retry: false,
  })
}

/**
 * The answer to a question; equal ones are asked once. One that was away from the screen for longer than answers are fresh
 * (in milliseconds) is asked anew when it comes back.
 */
export function useOutcome(question: Question, isEnabled: boolean, fresh: number) {
  const cache = useQueryClient().getQueryCache()
  useEffect(() => freeDropped(cache), [cache])
  return useQuery({
    ...questionQuery(question),
    staleTime: fresh,
    refetchOnWindowFocus: false,
    enabled: isEnabled && question.workspaces.length > 0,
  })
}

/** Asks all that is on the screen anew. */
export function refreshAll(client: QueryClient, isByTimer: boolean): void {
  isAutomatic = isByTimer
  void client.refetchQueries({ queryKey: ['dash', 'run'], type: 'active' }, { cancelRefetch: false })
  isAutomatic = false
}

/** Calls back every so many seconds while the page is looked at; at once when one comes back after that time. */
export function useRefresh(seconds: number | null, onRefresh: () => void): void {
  useEffect(() => {
    if (seconds === null) return undefined
    let last = Date.now()
    const look = () => {
      if (document.hidden || Date.now() - last < seconds * 1000) return
      last = Date.now()
      onRefresh()
    }
    const timer = setInterval(look, 1000)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
    }
  }, [seconds, onRefresh])
}

/** Whether the element is on the screen, or nearly. */
export function useOnScreen(element: RefObject<Element | null>): boolean {
  const [isOnScreen, setOnScreen] = useState(false)
  useEffect(() => {
    if (!element.current) return undefined
    const observer = new IntersectionObserver(
      (entries) => setOnScreen(entries.at(-1)?.isIntersecting ?? false),
      { rootMargin: '120px' },
    )
    observer.observe(element.current)
    return () => observer.disconnect()
  }, [element])
  return isOnScreen
}
