import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { ask } from '@/api/ask'
import { currentPreferences, DEFAULT_PREFERENCES, usePreferences, type Preferences } from '@/lib/preferences'
import { toast } from '@/ui'
import { t } from '@/i18n/en/shell'

/** Milliseconds of stillness after which changes are sent. */
const PAUSE = 300

/** Takes a person's preferences from the server once, and brings later changes back to it. */
export function usePreferencesSync(): void {
  const { data } = useQuery({
    queryKey: ['me'],
    queryFn: async ({ signal }) => (await ask('GET /portal/api/me', { signal })) as Partial<Preferences>,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const kept = useRef<Preferences | null>(null)
  useEffect(() => {
    if (!data) return
    kept.current = { ...DEFAULT_PREFERENCES, ...pick(data) }
    usePreferences.getState().change(pick(data))
    let timer: ReturnType<typeof setTimeout> | undefined
    const unsubscribe = usePreferences.subscribe(() => {
      clearTimeout(timer)
      timer = setTimeout(() => void send(kept), PAUSE)
    })
    const part = () => void send(kept, true)
    window.addEventListener('pagehide', part)
    return () => {
      window.removeEventListener('pagehide', part)
      unsubscribe()
      clearTimeout(timer)
    }
  }, [data])
}

async function send(kept: { current: Preferences | null }, isParting = false): Promise<void> {
  const now = currentPreferences()
  const before = kept.current
  const changes = Object.fromEntries(
    Object.entries(now).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(before?.[name as keyof Preferences]),
    ),
  )
  if (Object.keys(changes).length === 0) return
  kept.current = now
  try {
    await ask('PATCH /portal/api/me', { body: changes, isParting })
  } catch (failure) {
    kept.current = before
    toast({ title: t.notKept, text: failure instanceof Error ? failure.message : '', tone: 'warning' })
  }
}

/** What of a document are preferences that this page knows. */
function pick(document: Partial<Preferences>): Partial<Preferences> {
  const known = Object.keys(DEFAULT_PREFERENCES)
  return Object.fromEntries(
    Object.entries(document).filter(([name, value]) => known.includes(name) && value !== null),
  )
}
