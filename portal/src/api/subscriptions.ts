import { queryOptions } from '@tanstack/react-query'
import { armList } from './arm'

export interface Subscription {
  readonly id: string
  readonly subscriptionId: string
  readonly tenantId: string
  readonly displayName: string
}

/** The subscriptions in which the signed-in person has any right. */
export const subscriptionsQuery = queryOptions({
  queryKey: ['subscriptions'],
  queryFn: ({ signal }) => armList<Subscription>('/subscriptions', '2022-12-01', signal),
  staleTime: 60_000,
})
