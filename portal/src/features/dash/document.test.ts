import { expect, test } from 'vitest'
import { migrate, newDashboard, readDashboard } from './document'
import { SHIPPED } from './shipped'

const item = { id: 'a', kind: 'query', query: 'Heartbeat' }

test('what comes with Kelp is what the schema says', () => {
  for (const dashboard of SHIPPED) {
    expect(readDashboard(JSON.stringify(dashboard))).toEqual({ dashboard, faults: [], isNewer: false })
  }
  expect(new Set(SHIPPED.map(({ id }) => id)).size).toBe(3)
})

test('a new dashboard can be read back', () => {
  const made = newDashboard('Mine', 'flow')
  expect(readDashboard(JSON.stringify(made)).dashboard).toEqual(made)
})

test('all faults of a document are told at once, each with its place', () => {
  const wrong = {
    ...newDashboard(''),
    parameters: [{ name: 'two words', type: 'text' }],
    items: [
      item,
      { id: 'b', kind: 'query' },
      { id: 'c', kind: 'markdown', text: 5, grid: { x: 30, y: 0, w: 1 } },
    ],
  }
  expect(
    readDashboard(JSON.stringify(wrong))
      .faults.map(({ target }) => target)
      .toSorted(),
  ).toEqual([
    'items[1].query',
    'items[2].grid.h',
    'items[2].grid.x',
    'items[2].text',
    'parameters[0].name',
    'title',
  ])
})

test('text that is no dashboard is told as such', () => {
  expect(readDashboard('{').faults[0]?.message).toMatch(/JSON/)
  expect(readDashboard('{"version": "Notebook/1.0", "items": []}').dashboard).toBeNull()
  expect(readDashboard('[]').faults).toMatchObject([{ target: 'schema' }])
})

test('a draft without a version becomes one of the first', () => {
  const draft = {
    id: 'd',
    title: 'Draft',
    workspace: 'guid',
    parameters: [{ name: 'Env', type: 'text', default: 'prod' }],
    items: [item],
  }
  expect(readDashboard(JSON.stringify(draft)).dashboard).toEqual({
    schema: 'kelp.dashboard/1',
    id: 'd',
    title: 'Draft',
    layout: 'grid',
    defaults: { timeRange: 'PT24H' },
    scope: { workspaces: ['guid'] },
    parameters: [{ name: 'Env', type: 'text', default: ['prod'] }],
    items: [item],
  })
})

test('migrations are taken one after another', () => {
  const add = (text: string) => (old: Record<string, unknown>) => ({ path: String(old['path']) + text })
  expect(migrate({ path: '' }, 1, { 0: add('0'), 1: add('1'), 2: add('2') }, 3)).toEqual({ path: '12' })
  expect(() => migrate({}, 1, { 2: add('2') }, 3)).toThrow('version 1')
})

test('a document of a newer Kelp is shown as far as it is understood, and says so', () => {
  const newer = { ...newDashboard('Newer'), schema: 'kelp.dashboard/7', items: [item], hologram: true }
  expect(readDashboard(JSON.stringify(newer))).toMatchObject({ isNewer: true, dashboard: { title: 'Newer' } })
})

test.each(['metric', 'alerts'])('an item of the kind %s is refused with what to do', (kind) => {
  const { dashboard, faults } = readDashboard(
    JSON.stringify({ ...newDashboard('X'), items: [{ id: 'a', kind }] }),
  )
  expect(dashboard).toBeNull()
  expect(faults).toEqual([
    {
      target: 'items[0].kind',
      message: `There are no items of the kind ${kind} yet: ask for the same with a query.`,
    },
  ])
})
