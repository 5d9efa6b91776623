import { useSyncExternalStore } from 'react'

const NARROW = '(max-width: 899px)'

/** Whether there is no room for panes side by side. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (onChange) => {
      const query = window.matchMedia(NARROW)
      query.addEventListener('change', onChange)
      return () => query.removeEventListener('change', onChange)
    },
    () => window.matchMedia(NARROW).matches,
  )
}
