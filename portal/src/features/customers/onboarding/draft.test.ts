import { expect, test } from 'vitest'
import { EMPTY, planOf } from './draft'
import { secretsText, type Entry } from './job'

test('a plan has only what its architecture has', () => {
  const draft = { ...EMPTY, workspace: '/w', manager: 'm', pulled: 'Heartbeat, Usage;Perf', template: '{}' }
  expect(planOf({ ...draft, architecture: 'central' })).toEqual({
    architecture: 'central',
    workspaceResourceId: '/w',
    template: {},
  })
  expect(Object.keys(planOf({ ...draft, architecture: 'distributed' }))).toEqual([
    'architecture',
    'domainSuffix',
    'authorizations',
    'template',
  ])
  expect(planOf({ ...draft, architecture: 'hybrid' }).pulledTables).toEqual(['Heartbeat', 'Usage', 'Perf'])
  expect(planOf({ ...draft, architecture: 'hybrid', manager: '' }).authorizations).toBeUndefined()
})

test.each(['[]', '{', '"text"'])('%s is no template', (template) => {
  expect(() => planOf({ ...EMPTY, template })).toThrow('The template is no JSON object.')
})

test('secrets are kept of whom they were told, and asked to be saved only then', () => {
  const entry = (name: string, made: Entry['made']): Entry => ({
    customer: { name },
    state: 'done',
    steps: [],
    made,
  })
  expect(secretsText([entry('a', { customerId: '1', isNew: false })])).toBeNull()
  const text = secretsText([entry('a', { customerId: '1', enrollmentKey: 'k' }), entry('b', {})])
  expect(JSON.parse(text ?? '')).toEqual([{ name: 'a', customerId: '1', enrollmentKey: 'k' }])
})
