import { queryOptions } from '@tanstack/react-query'
import { armDelete, armList, armPut, type Resource } from '@/api/arm'
import type { Permission } from '@/api/permissions'

export const VERSION = '2022-04-01'
export const TYPE = 'providers/Microsoft.Authorization'

export type Role = Resource<{
  readonly roleName: string
  readonly description: string
  readonly type: 'BuiltInRole' | 'CustomRole'
  readonly permissions: readonly Permission[]
  readonly assignableScopes: readonly string[]
}>

export type Assignment = Resource<{
  readonly scope: string
  readonly roleDefinitionId: string
  readonly principalId: string
  readonly principalType: string
  readonly condition?: string
  readonly description?: string
  readonly createdOn: string
  readonly createdBy: string
}>

/** An action that roles can name. */
export interface Operation {
  readonly name: string
  readonly displayName: string
  readonly isDataAction: boolean
}

/** A path below a scope; the tenant's scope is `/`. */
export function below(scope: string, path: string): string {
  return `${scope.replace(/\/$/, '')}/${TYPE}/${path}`
}

/** Assignments at a scope, above it and below it. */
export function assignmentsQuery(scope: string) {
  return queryOptions({
    queryKey: ['access', 'assignments', scope],
    queryFn: ({ signal }) => armList<Assignment>(below(scope, 'roleAssignments'), VERSION, signal),
    enabled: scope !== '',
  })
}

export function rolesQuery(scope: string) {
  return queryOptions({
    queryKey: ['access', 'roles', scope],
    queryFn: ({ signal }) => armList<Role>(below(scope, 'roleDefinitions'), VERSION, signal),
    enabled: scope !== '',
    staleTime: 60_000,
  })
}

interface Provider {
  readonly resourceTypes: readonly { readonly operations: readonly Operation[] }[]
}

/** Every action that the service knows. */
export const operationsQuery = queryOptions({
  queryKey: ['access', 'operations'],
  queryFn: async ({ signal }) => {
    const providers = await armList<Provider>(`/${TYPE}/providerOperations`, VERSION, signal)
    return providers.flatMap((provider) => provider.resourceTypes.flatMap((kind) => kind.operations))
  },
  staleTime: Infinity,
})

/** What is given: a role to somebody at a scope, for all records or for those of a condition. */
export interface Grant {
  readonly scope: string
  readonly principalId: string
  readonly roleDefinitionId: string
  readonly condition: string
}

export function give({ scope, condition, ...grant }: Grant): Promise<Assignment> {
  const limit = condition === '' ? {} : { condition, conditionVersion: '2.0' }
  const path = below(scope, `roleAssignments/${crypto.randomUUID()}`)
  return armPut<Assignment>(path, VERSION, { properties: { ...grant, ...limit } })
}

export function remove(assignment: Assignment): Promise<void> {
  return armDelete(assignment.id, VERSION)
}

export interface RoleDraft {
  readonly roleName: string
  readonly description: string
  readonly permissions: readonly Permission[]
  readonly assignableScopes: readonly string[]
}

/** Makes a role, or changes the one of that id. */
export function saveRole(scope: string, id: string, draft: RoleDraft): Promise<Role> {
  const path = below(scope, `roleDefinitions/${id}`)
  return armPut<Role>(path, VERSION, { properties: { ...draft, type: 'CustomRole' } })
}

export function deleteRole(role: Role): Promise<void> {
  return armDelete(role.id, VERSION)
}
