import { describe, expect, it } from 'vitest'
import { matches } from '@/api/permissions'
import type { Operation, Role } from './api'
import { findRoles } from './role-search'

function role(roleName: string, actions: string[], notActions: string[] = []): Role {
  const permissions = [{ actions, notActions, dataActions: [], notDataActions: [] }]
  const properties = {
    roleName,
    description: '',
    type: 'BuiltInRole',
    permissions,
    assignableScopes: ['/'],
  } as const
  return { id: roleName, name: roleName, type: '', properties }
}
const ROLES = [
  role('Owner', ['*']),
  role('Contributor', ['*'], ['Microsoft.Authorization/*/Write']),
  role('Reader', ['*/read']),
  role('Data Purger', ['Microsoft.OperationalInsights/workspaces/purge/action']),
]
const OPERATIONS: Operation[] = [
  {
    name: 'Microsoft.OperationalInsights/workspaces/purge/action',
    displayName: 'Remove records',
    isDataAction: false,
  },
  { name: 'Microsoft.Authorization/roleAssignments/write', displayName: 'Give access', isDataAction: false },
]

describe('findRoles', () => {
  it('finds by name first, then by what is permitted', () => {
    const found = findRoles(ROLES, OPERATIONS, 'purge')
    expect(found.map((one) => one.role.name)).toEqual(['Data Purger', 'Owner', 'Contributor'])
    expect(found[1]?.permits?.displayName).toBe('Remove records')
  })
  it('leaves out what a role excludes', () => {
    expect(findRoles(ROLES, OPERATIONS, 'roleassignments/write').map((one) => one.role.name)).toEqual([
      'Owner',
    ])
  })
  it('gives all for no text', () => {
    expect(findRoles(ROLES, OPERATIONS, ' ')).toHaveLength(4)
  })
})

describe('matches', () => {
  it('takes * for any characters and every other sign for itself', () => {
    expect(matches('*/READ', 'a.b/c/read')).toBe(true)
    expect(matches('a.b/*', 'axb/c')).toBe(false)
  })
})
