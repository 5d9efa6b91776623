/** Assignments with the names behind their ids. */

import { useQuery } from '@tanstack/react-query'
import { namesQuery } from '@/api/principals'
import { assignmentsQuery, rolesQuery, type Assignment } from './api'
import { isBelow, placeName } from './places'

export interface NamedAssignment extends Assignment {
  readonly who: string
  readonly kind: string
  readonly role: string
  readonly isInherited: boolean
}

/** The assignments at a scope, above it and below it. */
export function useNamedAssignments(scope: string) {
  const assignments = useQuery(assignmentsQuery(scope))
  const roles = useQuery(rolesQuery(scope))
  const names = useQuery(namesQuery((assignments.data ?? []).map((one) => one.properties.principalId)))
  const roleNames = new Map((roles.data ?? []).map((role) => [role.name, role.properties.roleName]))
  const rows = assignments.data?.map((one): NamedAssignment => {
    const { principalId, principalType, roleDefinitionId, scope: given } = one.properties
    const known = names.data?.get(principalId)
    const role = placeName(roleDefinitionId)
    return {
      ...one,
      who: known?.name ?? principalId,
      kind: known?.kind === 'guest' ? 'Guest' : principalType,
      role: roleNames.get(role) ?? role,
      isInherited: !isBelow(given, scope),
    }
  })
  return { rows, error: assignments.error, retry: () => void assignments.refetch() }
}
