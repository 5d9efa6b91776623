import { expect, test } from 'vitest'
import { permits, type Permission } from './permissions'

const NONE: Permission = { actions: [], notActions: [], dataActions: [], notDataActions: [] }
const WRITE = 'Microsoft.OperationalInsights/workspaces/write'

test('an action is permitted by a role that names it and does not take it out again', () => {
  const reader = { ...NONE, actions: ['*/read'] }
  const owner = { ...NONE, actions: ['*'] }
  const almost = { ...NONE, actions: ['*'], notActions: ['microsoft.operationalinsights/*/WRITE'] }
  expect(permits([], WRITE)).toBe(false)
  expect(permits([reader], WRITE)).toBe(false)
  expect(permits([reader], 'Microsoft.OperationalInsights/workspaces/read')).toBe(true)
  expect(permits([owner], WRITE)).toBe(true)
  expect(permits([almost], WRITE)).toBe(false)
  expect(permits([almost, owner], WRITE)).toBe(true)
})

test('a dot is a dot', () => {
  expect(permits([{ ...NONE, actions: ['A.B/read'] }], 'AxB/read')).toBe(false)
})
