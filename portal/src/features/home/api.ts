import { queryOptions } from '@tanstack/react-query'
import { ask, type Schemas } from '@/api/ask'
import type { Tone } from '@/ui'

export type Home = Schemas['PortalHome']

export type Finding = Schemas['PortalFinding']

const POLL_MILLISECONDS = 5_000

/** Asked again every five seconds while the page is in sight. */
export function homeQuery(workspace: string | null) {
  return queryOptions({
    queryKey: ['home', workspace],
    queryFn: ({ signal }) =>
      // The page asks by itself: that keeps no session alive.
      ask('GET /portal/api/home', {
        query: { workspace: workspace ?? '' },
        signal,
        isBackground: true,
      }),
    enabled: workspace !== null,
    refetchInterval: POLL_MILLISECONDS,
  })
}

export const TONES: Readonly<Record<Finding['state'], Tone>> = {
  ok: 'ok',
  warning: 'warning',
  danger: 'danger',
  none: 'none',
}
