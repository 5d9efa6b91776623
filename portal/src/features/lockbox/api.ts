import { queryOptions } from '@tanstack/react-query'
import { armList, armPost, type Resource } from '@/api/arm'

const VERSION = '2018-02-28-preview'
const TYPE = 'providers/Microsoft.CustomerLockbox/requests'

export type LockboxStatus = 'Pending' | 'Approved' | 'Denied' | 'Expired' | 'Revoked' | 'Completed'

export type LockboxRequest = Resource<{
  readonly justification: string
  readonly status: LockboxStatus
  readonly createdDateTime: string
  readonly expirationDateTime: string
  readonly duration: string
  readonly resourceIds: readonly string[]
  readonly requestedBy: string
  readonly decidedBy?: string
  readonly decidedDateTime?: string
  readonly reason?: string
}>

/** Requests for workspaces of a subscription. */
export function requestsQuery(subscription: string) {
  return queryOptions({
    queryKey: ['lockbox', subscription],
    queryFn: ({ signal }) =>
      armList<LockboxRequest>(`/subscriptions/${subscription}/${TYPE}`, VERSION, signal),
    enabled: subscription !== '',
  })
}

/** What the signed-in operator asked for; refused to everybody who is none. */
export const ownRequestsQuery = queryOptions({
  queryKey: ['lockbox', 'own'],
  queryFn: ({ signal }) => armList<LockboxRequest>(`/${TYPE}`, VERSION, signal),
  retry: false,
})

export function answer(
  request: LockboxRequest,
  decision: 'Approve' | 'Deny',
  reason: string,
  hours?: number,
): Promise<LockboxRequest> {
  const duration = hours === undefined ? {} : { duration: `PT${Math.round(hours * 60)}M` }
  return armPost<LockboxRequest>(`${request.id}/updateApproval`, VERSION, { decision, reason, ...duration })
}

/** The hours of a duration such as `PT2H30M`. */
export function hoursOf(duration: string): number {
  const [, hours = '0', minutes = '0'] = /^PT(?:(\d+)H)?(?:(\d+)M)?$/.exec(duration) ?? []
  return Number(hours) + Number(minutes) / 60
}

export function ask(workspace: string, justification: string, hours: number): Promise<LockboxRequest> {
  return armPost<LockboxRequest>(`/${TYPE}`, VERSION, {
    properties: { resourceId: workspace, justification, duration: `PT${hours}H` },
  })
}
