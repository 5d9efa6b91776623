/** Roles found by what they are called, and by what they permit. */

import { permits } from '@/api/permissions'
import type { Operation, Role } from './api'

export interface FoundRole {
  readonly role: Role
  /** The action for whose sake it was found; absent where its name or description has the text. */
  readonly permits?: Operation
}

/** The roles whose name or description has a text, then those that permit an action which has it. */
export function findRoles(
  roles: readonly Role[],
  operations: readonly Operation[],
  text: string,
): readonly FoundRole[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return roles.map((role) => ({ role }))
  const byName = roles.filter(({ properties: { roleName } }) => roleName.toLowerCase().includes(wanted))
  const byText = roles.filter(
    (role) => !byName.includes(role) && role.properties.description.toLowerCase().includes(wanted),
  )
  const actions = operations.filter(
    ({ name, displayName }) =>
      name.toLowerCase().includes(wanted) || displayName.toLowerCase().includes(wanted),
  )
  const byAction = roles
    .filter((role) => !byName.includes(role) && !byText.includes(role))
    .flatMap((role) => {
      const found = actions.find((action) =>
        permits(role.properties.permissions, action.name, action.isDataAction),
      )
      return found ? [{ role, permits: found }] : []
    })
  return [...[...byName, ...byText].map((role) => ({ role })), ...byAction]
}
