import { queryOptions } from '@tanstack/react-query'
import { request } from '@/api/client'
import type { Tone } from '@/ui'

export interface Home {
  readonly rates: readonly {
    readonly table: string
    readonly perMinute: readonly number[]
    readonly total: number
  }[]
  readonly lastRecordAt: string | null
  readonly health: readonly Finding[]
  readonly errors: readonly { readonly at: string; readonly table: string | null; readonly message: string }[]
  readonly steps: readonly { readonly id: string; readonly done: boolean }[]
}

export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'danger' | 'none'
  readonly reason: string
}

const POLL_MILLISECONDS = 5_000

/** Asked again every five seconds while the page is in sight. */
export function homeQuery(workspace: string | null) {
  return queryOptions({
    queryKey: ['home', workspace],
    queryFn: ({ signal }) =>
      // The page asks by itself: that keeps no session alive.
      request<Home>('GET', '/portal/api/home', {
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
