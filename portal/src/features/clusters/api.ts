import { queryOptions } from '@tanstack/react-query'
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

/** Resolves when new records of the workspace go to the cluster. */
export function linkWorkspace(workspace: string, cluster: Cluster): Promise<Resource> {
  const properties = { writeAccessResourceId: cluster.id }
  return armPut(`${workspace}/linkedServices/cluster`, VERSION, { properties })
}

export function unlinkWorkspace(workspace: string): Promise<void> {
  return armDelete(`${workspace}/linkedServices/cluster`, VERSION)
}
