import { queryOptions } from '@tanstack/react-query'
import { armGet, armPatch, armPost, type Resource } from '@/api/arm'
import { WORKSPACE_VERSION } from '@/api/workspaces'

export type CentralCustomer = Resource<{
  readonly customerId: string
  readonly displayName: string
  readonly state: 'Active' | 'Blocked'
  readonly blockReason?: string
  /** -1 where there is no cap. */
  readonly dailyQuotaGb: number
  readonly retentionInDays?: number
  readonly senders: readonly string[]
  readonly dataIngestionStatus?: string
}>

/** What the provider decided about a customer of a workspace. */
export function centralQuery(resourceId: string) {
  return queryOptions({
    queryKey: ['customer', resourceId],
    queryFn: ({ signal }) => armGet<CentralCustomer>(resourceId, WORKSPACE_VERSION, signal),
  })
}

export interface Changes {
  readonly displayName: string
  readonly state: 'Active' | 'Blocked'
  readonly blockReason: string
  readonly dailyQuotaGb: number
  /** null: as long as the workspace keeps records. */
  readonly retentionInDays: number | null
}

export function changeCustomer(customer: CentralCustomer, changes: Changes): Promise<CentralCustomer> {
  const options = { etag: customer.etag }
  return armPatch<CentralCustomer>(customer.id, WORKSPACE_VERSION, { properties: changes }, options)
}

export interface CustomerKeys {
  readonly customerId: string
  readonly primaryKey: string
  readonly secondaryKey: string
}

export function listKeys(resourceId: string): Promise<CustomerKeys> {
  return armPost<CustomerKeys>(`${resourceId}/listKeys`, WORKSPACE_VERSION)
}

export type KeyType = 'Primary' | 'Secondary'

export function regenerateKey(resourceId: string, keyType: KeyType): Promise<CustomerKeys> {
  return armPost<CustomerKeys>(`${resourceId}/regenerateKey`, WORKSPACE_VERSION, { keyType })
}
