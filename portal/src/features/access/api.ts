import { queryOptions } from '@tanstack/react-query'
import { armDelete, armList, armPost, armPut, type Resource } from '@/api/arm'
import { request } from '@/api/client'
import type { Permission } from '@/api/permissions'
import type { Principal } from '@/api/principals'

const VERSION = '2022-04-01'
const TYPE = 'providers/Microsoft.Authorization'

export type Role = Resource<{
  readonly roleName: string
  readonly description: string
  readonly type: 'BuiltInRole' | 'CustomRole'
  readonly permissions: readonly Permission[]
}>

export type Assignment = Resource<{
  readonly scope: string
  readonly roleDefinitionId: string
  readonly principalId: string
  readonly principalType: string
  readonly condition?: string
  readonly createdOn: string
}>

export interface Explanation {
  readonly allowed: boolean
  readonly reason: string
  readonly principal: { readonly id: string; readonly name: string }
  readonly grantedBy: string | null
  readonly limits: readonly string[]
  readonly roles: readonly {
    readonly roleName: string
    readonly scope: string
    readonly principalId: string
    readonly assignmentId: string
    readonly condition?: string
    readonly managedByTenantId?: string
    readonly permits: boolean
  }[]
}

/** Assignments at a scope, above it and below it. */
export function assignmentsQuery(scope: string) {
  return queryOptions({
    queryKey: ['access', 'assignments', scope],
    queryFn: ({ signal }) => armList<Assignment>(`${scope}/${TYPE}/roleAssignments`, VERSION, signal),
    enabled: scope !== '',
  })
}

export function rolesQuery(scope: string) {
  return queryOptions({
    queryKey: ['access', 'roles', scope],
    queryFn: ({ signal }) => armList<Role>(`${scope}/${TYPE}/roleDefinitions`, VERSION, signal),
    enabled: scope !== '',
    staleTime: 60_000,
  })
}

/** The names of principals, by id; those of other tenants are missing. */
export function namesQuery(ids: readonly string[]) {
  const wanted = [...new Set(ids)].toSorted()
  return queryOptions({
    queryKey: ['access', 'names', wanted],
    queryFn: async ({ signal }) => {
      const body = { ids: wanted, types: [] }
      const { value } = await request<{ value: Principal[] }>('POST', '/v1.0/directoryObjects/getByIds', {
        body,
        signal,
      })
      return new Map(value.map((one) => [one.id, one.displayName]))
    },
    enabled: wanted.length > 0,
    staleTime: 60_000,
  })
}

export interface Grant {
  readonly principalId: string
  readonly roleDefinitionId: string
  readonly condition: string
}

export function give(scope: string, { condition, ...grant }: Grant): Promise<Assignment> {
  const limit = condition === '' ? {} : { condition, conditionVersion: '2.0' }
  const path = `${scope}/${TYPE}/roleAssignments/${crypto.randomUUID()}`
  return armPut<Assignment>(path, VERSION, { properties: { ...grant, ...limit } })
}

export function remove(assignment: Assignment): Promise<void> {
  return armDelete(assignment.id, VERSION)
}

export interface Question {
  readonly scope: string
  /** A sign-in name, or the id of a person, group or application; empty for the reader. */
  readonly principal: string
  readonly action: string
  readonly isDataAction: boolean
}

export function explain({ scope, ...question }: Question): Promise<Explanation> {
  return armPost<Explanation>(`${scope}/${TYPE}/explainAccess`, VERSION, question)
}

/** `/a/b/c` is at or below `/a/b`; ids are compared without regard to case. */
export function isBelow(scope: string, above: string): boolean {
  const place = `${above.toLowerCase().replace(/\/$/, '')}/`
  return `${scope.toLowerCase().replace(/\/$/, '')}/`.startsWith(place)
}

/** The last name of a scope: `default`, `Syslog`. */
export function placeName(scope: string): string {
  return scope.split('/').findLast((part) => part !== '') ?? '/'
}
