import { queryOptions } from '@tanstack/react-query'
import { request } from '@/api/client'
import { armDelete, armList, armPatch, armPut, type Resource } from '@/api/arm'

const VERSION = '2025-07-01'
const TYPE = 'providers/Microsoft.OperationalInsights/clusters'

export interface LinkedWorkspace {
  readonly workspaceId: string
  readonly workspaceName: string
  readonly resourceId: string
  readonly associateDate: string
}

export type BillingType = 'Cluster' | 'Workspaces'

export interface ClusterProperties {
  readonly clusterId: string
  readonly provisioningState: string
  readonly isDoubleEncryptionEnabled: boolean
  readonly billingType: BillingType
  readonly keyVaultProperties?: {
    readonly keyVaultUri: string
    readonly keyName: string
    readonly keyVersion?: string
  }
  readonly associatedWorkspaces?: readonly LinkedWorkspace[]
}

export type Cluster = Resource<ClusterProperties> & {
  readonly sku: { readonly name: string; readonly capacity: number }
}

export interface NewCluster {
  readonly subscription: string
  readonly group: string
  readonly name: string
  readonly location: string
  readonly capacity: number
}

export function clustersQuery(subscription: string) {
  return queryOptions({
    queryKey: ['clusters', subscription],
    queryFn: ({ signal }) => armList<Cluster>(`${subscription}/${TYPE}`, VERSION, signal),
    enabled: subscription !== '',
  })
}

/** Resolves when the cluster is ready. */
export function createCluster(cluster: NewCluster): Promise<Cluster> {
  const { subscription, group, name, location, capacity } = cluster
  const id = `${subscription}/resourceGroups/${encodeURIComponent(group)}/${TYPE}/${encodeURIComponent(name)}`
  return armPut<Cluster>(id, VERSION, {
    location,
    identity: { type: 'SystemAssigned' },
    sku: { name: 'CapacityReservation', capacity },
  })
}

export function changeCluster(
  cluster: Cluster,
  capacity: number,
  billingType: BillingType,
): Promise<Cluster> {
  return armPatch<Cluster>(cluster.id, VERSION, {
    ...(capacity === cluster.sku.capacity ? {} : { sku: { name: cluster.sku.name, capacity } }),
    properties: { billingType },
  })
}

export function deleteCluster(cluster: Cluster): Promise<void> {
  return armDelete(cluster.id, VERSION)
}

export type CheckName = 'rights' | 'running' | 'state' | 'linked' | 'region' | 'times' | 'room'

export interface LinkChecks {
  readonly checks: readonly {
    readonly name: CheckName
    readonly isMet: boolean
    /** What stands against it, in the server's words. */
    readonly problem: string | null
  }[]
  readonly linksUsed: number
  readonly linksAllowed: number
  readonly windowDays: number
}

/** What a link needs and whether it is there; asking changes nothing. */
export function linkChecksQuery(workspace: string, cluster: Cluster) {
  return queryOptions({
    queryKey: ['clusters', 'checks', workspace, cluster.id],
    queryFn: ({ signal }) =>
      request<LinkChecks>('POST', '/portal/api/clusters/link-checks', {
        body: { workspace, cluster: cluster.id },
        signal,
      }),
    enabled: workspace !== '',
  })
}

export interface DeletedCluster {
  readonly id: string
  readonly name: string
  readonly location: string
  readonly capacity: number
  readonly deletedAt: string
  readonly destroyedAt: string
}

/** The tenant's deleted clusters that can be recovered. */
export const deletedClustersQuery = queryOptions({
  queryKey: ['clusters', 'deleted'],
  queryFn: async ({ signal }) => {
    const { value } = await request<{ value: readonly DeletedCluster[] }>(
      'GET',
      '/portal/api/clusters/deleted',
      { signal },
    )
    return value
  },
})

/** A deleted cluster comes back when one of its name is made in its place. */
export function recoverCluster({ id, location, capacity }: DeletedCluster): Promise<Cluster> {
  return armPut<Cluster>(id, VERSION, {
    location,
    identity: { type: 'SystemAssigned' },
    sku: { name: 'CapacityReservation', capacity },
  })
}

/** Records by minute and how long they took to be there: a link interrupts neither. */
export const LAG_QUERY = `union withsource=Table_ *
| extend Arrived = ingestion_time()
| summarize Records = count(), LagSeconds = avg((Arrived - TimeGenerated) / 1s) by bin(Arrived, 1m)
| sort by Arrived asc
| render timechart with (ysplit=panels)`

/** Resolves when new records of the workspace go to the cluster. */
export function linkWorkspace(workspace: string, cluster: Cluster): Promise<Resource> {
  const properties = { writeAccessResourceId: cluster.id }
  return armPut(`${workspace}/linkedServices/cluster`, VERSION, { properties })
}

export function unlinkWorkspace(workspace: string): Promise<void> {
  return armDelete(`${workspace}/linkedServices/cluster`, VERSION)
}
