/** State that others should see lives in the address: each part under its name, unknown parts kept. */

import { useRouter, useRouterState } from '@tanstack/react-router'
import { useCallback } from 'react'

export type Search = Readonly<Record<string, string>>

/** The query string as plain texts: `?sel=123` stays a text, and so does `true`. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text))
}

export function stringifySearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()
  return text === '' ? '' : `?${text}`
}

interface Change {
  /** Put the new address in the place of this one instead of after it. */
  readonly replace?: boolean
}

/** Sets parts of the query string at once (empty removes one) and keeps the others. */
export function useUrlChange(): (parts: Search, change?: Change) => void {
  const router = useRouter()
  return useCallback(
    (parts: Search, { replace = false }: Change = {}) => {
      const { pathname, searchStr, hash } = router.state.location
      const search = stringifySearch({ ...parseSearch(searchStr), ...parts })
      const href = pathname + search + (hash === '' ? '' : `#${hash}`)
      if (replace) router.history.replace(href)
      else router.history.push(href)
    },
    [router],
  )
}

/**
 * One part of the query string, empty where it is absent, and a way to set it. Back and forward go through what was
 * set.
 */
export function useUrlState(name: string): [string, (value: string, change?: Change) => void] {
  const change = useUrlChange()
  const value = useRouterState({
    select: (state) => String((state.location.search as Record<string, unknown>)[name] ?? ''),
  })
  const set = useCallback((next: string, how?: Change) => change({ [name]: next }, how), [change, name])
  return [value, set]
}

/** A path of our own that one may be sent to; everything else leads home. */
export function ownPath(path: unknown): string {
  if (typeof path !== 'string' || !path.startsWith('/')) return '/'
  const url = new URL(path, 'https://own.invalid')
  const isOwn = url.origin === 'https://own.invalid' && !path.startsWith('//') && !path.includes('\\')
  return isOwn && !url.pathname.startsWith('/signin') ? url.pathname + url.search + url.hash : '/'
}
