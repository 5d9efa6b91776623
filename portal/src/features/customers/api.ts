import { infiniteQueryOptions } from '@tanstack/react-query'
import { request } from '@/api/client'

export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'danger' | 'none'
  readonly reason: string
}

export interface HeldRole {
  readonly name: string
  readonly scope: string
  /** Given by a customer to one's tenant; else by somebody of one's own. */
  readonly isDelegated: boolean
  /** The group that holds it; null where the reader does. */
  readonly group: string | null
  readonly assignmentId: string
  readonly grantedBy: string | null
  readonly grantedAt: string | null
  /** Whether the reader may end the delegation. */
  readonly mayEnd: boolean
}

export interface Customer {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly domain: string | null
  readonly tenantId: string
  readonly state: string | null
  readonly workspaces: readonly { readonly id: string; readonly resourceId: string; readonly name: string }[]
  readonly roles: readonly HeldRole[]
  readonly health: Finding
  readonly findings: readonly Finding[]
  readonly lastHeartbeatAt: string | null
  readonly lastRecordAt: string | null
  readonly agents: number | null
  readonly agentsReporting: number | null
  readonly todayBytes: number
  /** Bytes of the last seven days, the oldest first. */
  readonly days: readonly number[]
  readonly capBytes: number | null
  /** The share of the cap that is used, 0 to 1. */
  readonly capUsed: number | null
  readonly costMonthToDate: number | null
}

export interface CustomerPage {
  readonly value: readonly Customer[]
  readonly total: number
  readonly summary: {
    readonly customers: number
    readonly health: Readonly<Record<Finding['state'], number>>
    readonly todayBytes: number
  }
  readonly currency: string
  readonly skipToken: string | null
}

/** All customers, a page at a time; the server rolls up what each page of ours would have to ask each of them for. */
export const customersQuery = infiniteQueryOptions({
  queryKey: ['customers'],
  queryFn: ({ pageParam, signal }) =>
    request<CustomerPage>('GET', '/portal/api/customers', {
      query: pageParam === '' ? {} : { $skiptoken: pageParam },
      signal,
      // The page asks by itself: that keeps no session alive.
      isBackground: true,
    }),
  initialPageParam: '',
  getNextPageParam: (page) => page.skipToken,
  refetchInterval: 30_000,
})
