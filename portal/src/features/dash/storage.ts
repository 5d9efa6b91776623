/** Dashboards as they are kept: workbooks (`Microsoft.Insights/workbooks`), each with an etag. */

import { queryOptions } from '@tanstack/react-query'
import { armDelete, armGet, armList, armPut, type Resource } from '@/api/arm'
import { subscriptionsQuery, type Subscription } from '@/api/subscriptions'
import type { QueryClient } from '@tanstack/react-query'
import type { Dashboard } from './document'
import { workspacesQuery } from './workspaces'

const VERSION = '2023-06-01'
/** What tells our dashboards from workbooks that others made. */
export const CATEGORY = 'kelp'

interface WorkbookProperties {
  readonly displayName: string
  readonly category: string
  readonly serializedData?: string
  readonly timeModified?: string
  readonly userId?: string
}
export type Workbook = Resource<WorkbookProperties>

/** Where a dashboard is kept. */
export interface Place {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly location: string
}

export function listQuery(subscriptions: readonly Subscription[]) {
  return queryOptions({
    queryKey: ['dash', 'list', subscriptions.map(({ subscriptionId }) => subscriptionId)],
    queryFn: async ({ signal }) => {
      const lists = await Promise.all(
        subscriptions.map(({ subscriptionId }) =>
          armList<Workbook>(
            `/subscriptions/${subscriptionId}/providers/Microsoft.Insights/workbooks`,
            VERSION,
            signal,
          ),
        ),
      )
      return lists.flat().toSorted((a, b) => a.properties.displayName.localeCompare(b.properties.displayName))
    },
  })
}

/** All dashboards that the person may see, of their subscriptions. */
export async function listDashboards(client: QueryClient): Promise<Workbook[]> {
  const subscriptions = await client.fetchQuery(subscriptionsQuery)
  return client.fetchQuery(listQuery(subscriptions))
}

export function readWorkbook(id: string, signal?: AbortSignal): Promise<Workbook> {
  return armGet<Workbook>(id, VERSION, signal)
}

/** Where new ones go: beside the first workspace that is at hand. Null where there is none. */
export async function findPlace(client: QueryClient, workspace: string | null): Promise<Place | null> {
  const subscriptions = await client.fetchQuery(subscriptionsQuery)
  const workspaces = await client.fetchQuery(workspacesQuery(subscriptions))
  return workspaces.find(({ id }) => id === workspace) ?? workspaces[0] ?? null
}

export function idOf({ subscriptionId, resourceGroup }: Place, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Insights/workbooks/${name}`
}

/** Stores the document; with an etag, only over the version that it was made from (412 otherwise). */
export function saveDashboard(
  id: string,
  location: string,
  dashboard: Dashboard,
  etag?: string,
): Promise<Workbook> {
  const properties = {
    displayName: dashboard.title,
    category: CATEGORY,
    serializedData: JSON.stringify(dashboard),
    ...(dashboard.description ? { description: dashboard.description.slice(0, 4096) } : {}),
  }
  return armPut<Workbook>(id, VERSION, { location, kind: 'shared', properties }, { etag })
}

export function deleteDashboard(id: string): Promise<void> {
  return armDelete(id, VERSION)
}
