import { expect, it } from 'vitest'
import { indexUse, readPlan } from './plan-tree'

it('reads indented lines as a tree', () => {
  const plan =
    'Sort keys=[a asc]\n  Join kind=inner\n    ScopedScan table=T filters=[x]\n    Filter condition=y\n      Values'
  const [root] = readPlan(plan)
  expect(root).toMatchObject({ name: 'Sort', details: 'keys=[a asc]', table: '' })
  expect(root?.inputs[0]?.inputs.map(({ name, table }) => [name, table])).toEqual([
    ['ScopedScan', 'T'],
    ['Filter', ''],
  ])
  expect(root?.inputs[0]?.inputs[1]?.inputs[0]?.name).toBe('Values')
  expect(readPlan('')).toEqual([])
})

it('tells how many blocks the indexes leave', () => {
  const enginePlan = [
    'ReadFromMergeTree (`ws_1`.Heartbeat)',
    '  Indexes:',
    '    MinMax',
    '      Granules: 5/9',
    '    PrimaryKey',
    '      Granules: 2/5',
  ]
  const uses = indexUse({ statements: [{ name: 's', sql: '', enginePlan }] })
  expect(uses.get('Heartbeat')).toEqual({ read: 2, all: 9 })
})
