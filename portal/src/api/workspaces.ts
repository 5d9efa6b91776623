import { queryOptions } from '@tanstack/react-query'
import { armGet, armList, type Resource } from './arm'

export const WORKSPACE_VERSION = '2025-07-01'
export const WORKSPACE_WRITE = 'Microsoft.OperationalInsights/workspaces/write'

export type NetworkAccess = 'Enabled' | 'Disabled' | 'SecuredByPerimeter'

export interface WorkspaceProperties {
  readonly customerId: string
  readonly sku: { readonly name: string; readonly capacityReservationLevel?: number }
  readonly retentionInDays: number
  readonly workspaceCapping: {
    /** Gigabytes; -1 where there is no cap. */
    readonly dailyQuotaGb: number
    readonly dataIngestionStatus?: string
    readonly quotaNextResetTime?: string
  }
  readonly features: {
    readonly disableLocalAuth?: boolean
    readonly enableLogAccessUsingOnlyResourcePermissions?: boolean
    readonly immediatePurgeDataOn30Days?: boolean
    readonly clusterResourceId?: string
  }
  readonly publicNetworkAccessForIngestion: NetworkAccess
  readonly publicNetworkAccessForQuery: NetworkAccess
  /** Ranges of addresses that are let in; absent where there is no list. */
  readonly networkRules?: Readonly<Record<'ingestion' | 'query' | 'management', readonly string[]>>
  readonly createdDate: string
}

export type Workspace = Resource<WorkspaceProperties>

/** A workspace by its resource id. */
export function workspaceResourceQuery(id: string) {
  return queryOptions({
    queryKey: ['workspace', id],
    queryFn: ({ signal }) => armGet<Workspace>(id, WORKSPACE_VERSION, signal),
    enabled: id !== '',
  })
}

/** Workspaces of a subscription that were deleted and can be recovered. */
export function deletedWorkspacesQuery(subscription: string) {
  return queryOptions({
    queryKey: ['workspaces', 'deleted', subscription],
    queryFn: ({ signal }) =>
      armList<Workspace>(
        `${subscription}/providers/Microsoft.OperationalInsights/deletedWorkspaces`,
        WORKSPACE_VERSION,
        signal,
      ),
    enabled: subscription !== '',
  })
}
