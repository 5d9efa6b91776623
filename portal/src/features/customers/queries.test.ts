import { expect, test } from 'vitest'
import type { Customer } from './api'
import { draftOf } from './ApplyTemplate'
import { agentsQuery, heldQuery, workspacesOf } from './queries'

function customer(id: string, kind: string, ...workspaces: string[]): Customer {
  const places = workspaces.map((one) => ({ id: one, resourceId: `/w/${one}`, name: one }))
  return { id, kind, name: `${id} "Ltd."`, workspaces: places } as unknown as Customer
}

const CENTRAL = [customer('c1', 'central', 'own'), customer('c2', 'central', 'own')]
const THEIRS = customer('d1', 'delegated', 'w1', 'w2')

test('workspaces are named once, the own one first', () => {
  expect(workspacesOf([THEIRS, ...CENTRAL])).toEqual(['own', 'w1', 'w2'])
})

test('records are told apart by workspace, by the customer that sent them, or by both', () => {
  expect(agentsQuery([THEIRS])).toContain('| extend Id = TenantId\n')
  expect(agentsQuery(CENTRAL)).toContain('| extend Id = _CustomerId\n')
  const both = agentsQuery([THEIRS, ...CENTRAL])
  expect(both).toContain('iff(isempty(_CustomerId), TenantId, _CustomerId)')
  expect(both).toContain('"w2", "d1 \\"Ltd.\\"",\n')
})

test('what is held of a customer is limited to it where others share the workspace', () => {
  expect(heldQuery(THEIRS)).not.toContain('where')
  expect(heldQuery(CENTRAL[0]!)).toContain('| where _CustomerId == "c1"')
})

test('a template goes to customers of one workspace, by their names', () => {
  const at = (path: string | null) => ({ ...CENTRAL[0]!, resourceId: path })
  expect(draftOf([at('/w/customers/a'), at('/w/customers/b')])).toMatchObject({
    architecture: 'central',
    workspace: '/w',
    list: 'a\nb\n',
  })
  expect(draftOf([at('/w/customers/a'), at('/x/customers/b')])).toBeNull()
  expect(draftOf([at(null)])).toBeNull()
  expect(draftOf([])).toBeNull()
})
