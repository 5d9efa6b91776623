/** Dashboards as they are kept: workbooks (`Microsoft.Insights/workbooks`), each with an etag. */

import { queryOptions } from '@tanstack/react-query'
import { armDelete, armGet, armList, armPatch, armPut, type Resource } from '@/api/arm'
import { refresh } from '@/api/refresh'
import { subscriptionsQuery, type Subscription } from '@/api/subscriptions'
import type { QueryClient } from '@tanstack/react-query'
import type { Dashboard } from './document'
import { workspacesQuery } from './workspaces'

const VERSION = '2023-06-01'
/** What tells our dashboards from workbooks that others made. */
export const CATEGORY = 'kelp'
/** The most letters of a workbook's description. */
const DESCRIPTION = 4096

interface WorkbookProperties {
  readonly displayName: string
  readonly category: string
  readonly serializedData?: string
  readonly description?: string
  readonly timeModified?: string
  readonly userId?: string
  readonly revision?: string
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
    queryKey: ['dash', 'lists', 'all', subscriptions.map(({ subscriptionId }) => subscriptionId)],
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

/** Reads anew what there is, after one was made, changed or removed. */
export function refreshLists(client: QueryClient): Promise<void> {
  return refresh(client, ['dash', 'lists'])
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

/** Keeps a new dashboard, or whatever becomes of one that is there: without looking at what it was. */
export function putDashboard(id: string, location: string, dashboard: Dashboard): Promise<Workbook> {
  return armPut<Workbook>(id, VERSION, { location, kind: 'shared', properties: propertiesOf(dashboard) })
}

/** Changes one that is there, if it still is the version that the change was made from (412 otherwise). */
export function saveDashboard(id: string, dashboard: Dashboard, etag: string | undefined): Promise<Workbook> {
  // What is not said is taken away.
  const properties = { description: null, ...propertiesOf(dashboard) }
  return armPatch<Workbook>(id, VERSION, { properties }, { etag })
}

function propertiesOf(dashboard: Dashboard) {
  return {
    displayName: dashboard.title,
    category: CATEGORY,
    serializedData: JSON.stringify(dashboard),
    ...(dashboard.description ? { description: dashboard.description.slice(0, DESCRIPTION) } : {}),
  }
}

/** What it was after each of its last changes, newest first: without the documents. */
export function listRevisions(id: string, signal?: AbortSignal): Promise<Workbook[]> {
  return armList<Workbook>(`${id}/revisions`, VERSION, signal)
}

export function readRevision(id: string, revision: string, signal?: AbortSignal): Promise<Workbook> {
  return armGet<Workbook>(`${id}/revisions/${revision}`, VERSION, signal)
}

/** Makes what it was into its newest version; what it is stays among the revisions. */
export async function restoreRevision(id: string, revision: string, etag: string | undefined): Promise<void> {
  const { properties } = await readRevision(id, revision)
  const { displayName, category, serializedData, description = null } = properties
  const restored = { displayName, category, serializedData, description }
  await armPatch<Workbook>(id, VERSION, { properties: restored }, { etag })
}

export function deleteDashboard(id: string): Promise<void> {
  return armDelete(id, VERSION)
}
