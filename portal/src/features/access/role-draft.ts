/** A role of one's own while it is written: patterns of actions, one a line. */

import { matches, type Permission } from '@/api/permissions'
import type { Operation, Role, RoleDraft } from './api'

export const LISTS = ['actions', 'notActions', 'dataActions', 'notDataActions'] as const
export type List = (typeof LISTS)[number]

/** Each list of a permission as a text. */
export type PermissionText = Readonly<Record<List, string>>

export interface RoleText {
  readonly permissions: readonly PermissionText[]
  readonly assignableScopes: string
}

const EMPTY: PermissionText = { actions: '', notActions: '', dataActions: '', notDataActions: '' }

/** What is written at first: a role's own lists, or none; it can be given at a scope. */
export function startText(role: Role | null, scope: string): RoleText {
  const scopes = role?.properties.type === 'CustomRole' ? role.properties.assignableScopes : [scope]
  const permissions = role?.properties.permissions.map(textOf) ?? []
  return {
    permissions: permissions.length === 0 ? [EMPTY] : permissions,
    assignableScopes: scopes.join('\n'),
  }
}

function textOf(permission: Permission): PermissionText {
  const texts = LISTS.map((list) => [list, permission[list].join('\n')])
  return Object.fromEntries(texts) as PermissionText
}

export function draftOf(roleName: string, description: string, text: RoleText): RoleDraft {
  const permissions = text.permissions.map(
    (one) => Object.fromEntries(LISTS.map((list) => [list, linesOf(one[list])])) as unknown as Permission,
  )
  return { roleName, description, permissions, assignableScopes: linesOf(text.assignableScopes) }
}

/** The text with one more line, unless it has it. */
export function withLine(text: string, line: string): string {
  const lines = linesOf(text)
  return lines.includes(line) ? text : [...lines, line].join('\n')
}

/** The patterns of a list that no known action matches: misspelt, or of something that Kelp does not have. */
export function unknownPatterns(
  text: string,
  operations: readonly Operation[],
  isData: boolean,
): readonly string[] {
  const known = operations.filter((operation) => operation.isDataAction === isData)
  if (known.length === 0) return []
  return linesOf(text).filter(
    // A known action may itself stand for many: reading each table is one.
    (line) => !known.some(({ name }) => matches(line, name) || matches(name, line)),
  )
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
