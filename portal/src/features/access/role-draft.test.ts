import { describe, expect, it } from 'vitest'
import type { Operation } from './api'
import { draftOf, startText, unknownPatterns, withLine } from './role-draft'

const OPERATIONS: Operation[] = [
  { name: 'Microsoft.X/things/read', displayName: '', isDataAction: false },
  { name: 'Microsoft.X/things/*/read', displayName: '', isDataAction: false },
  { name: 'Microsoft.X/things/send/action', displayName: '', isDataAction: true },
]

describe('a role while it is written', () => {
  it('has a line for each pattern and a place to be given at', () => {
    const text = startText(null, '/subscriptions/1')
    const [permission] = text.permissions
    const written = { ...permission!, actions: ' */read \n\nMicrosoft.X/* ' }
    expect(draftOf('Name', 'Does it', { ...text, permissions: [written] })).toEqual({
      roleName: 'Name',
      description: 'Does it',
      permissions: [
        { actions: ['*/read', 'Microsoft.X/*'], notActions: [], dataActions: [], notDataActions: [] },
      ],
      assignableScopes: ['/subscriptions/1'],
    })
  })
  it('takes each line once', () => {
    expect(withLine('a\nb', 'b')).toBe('a\nb')
    expect(withLine('a\n', 'b')).toBe('a\nb')
  })
  it('knows which patterns match nothing', () => {
    const text = '*/read\nMicrosoft.X/things/blue/read\nMicrosoft.X/thinks/read'
    expect(unknownPatterns(text, OPERATIONS, false)).toEqual(['Microsoft.X/thinks/read'])
    expect(unknownPatterns('Microsoft.X/things/read', OPERATIONS, true)).toEqual(['Microsoft.X/things/read'])
    expect(unknownPatterns('anything', [], false)).toEqual([])
  })
})
