import { queryOptions } from '@tanstack/react-query'
import { armList, type Resource } from '@/api/arm'
import type { Subscription } from '@/api/subscriptions'

export interface Workspace {
  /** The customer id: what queries call it by. */
  readonly id: string
  readonly name: string
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly location: string
}

/** The workspaces of the subscriptions, by name. */
export function workspacesQuery(subscriptions: readonly Subscription[]) {
  return queryOptions({
    queryKey: ['dash', 'workspaces', subscriptions.map(({ subscriptionId }) => subscriptionId)],
    queryFn: async ({ signal }) => {
      const lists = await Promise.all(
        subscriptions.map(({ subscriptionId }) =>
          armList<Resource<{ customerId: string }>>(
            `/subscriptions/${subscriptionId}/providers/Microsoft.OperationalInsights/workspaces`,
            '2023-09-01',
            signal,
          ),
        ),
      )
      return lists
        .flat()
        .map(readWorkspace)
        .toSorted((a, b) => a.name.localeCompare(b.name))
    },
    staleTime: 60_000,
  })
}

function readWorkspace(resource: Resource<{ customerId: string }>): Workspace {
  const [, , subscriptionId = '', , resourceGroup = ''] = resource.id.split('/')
  return {
    id: resource.properties.customerId,
    name: resource.name,
    subscriptionId,
    resourceGroup,
    location: resource.location ?? '',
  }
}
