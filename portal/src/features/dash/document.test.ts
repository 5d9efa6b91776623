import { expect, test } from 'vitest'
import { migrate, newDashboard, readDashboard } from './document'
import { readForeign } from './ImportDialog'
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

test('an Azure workbook becomes a dashboard, with a report of what did not', () => {
  const workbook = {
    version: 'Notebook/1.0',
    items: [
      { type: 1, name: 'text', content: { json: '## Hello' } },
      {
        type: 9,
        name: 'parameters',
        content: {
          parameters: [
            {
              name: 'Host',
              type: 2,
              query: 'Heartbeat | distinct Computer',
              multiSelect: true,
              value: ['web'],
            },
            { name: 'When', type: 4, value: { durationMs: 3_600_000 } },
            { name: 'Env', type: 2, jsonData: '[{"value":"prod"},{"value":"test"}]' },
          ],
        },
      },
      {
        type: 12,
        name: 'group',
        content: {
          title: 'Inner',
          items: [
            {
              type: 3,
              name: 'beats',
              conditionalVisibility: { parameterName: 'Env', comparison: 'isEqualTo', value: 'prod' },
              content: {
                query: "Heartbeat | where Computer == '{Host}' or Computer in ({Host})",
                visualization: 'timechart',
                timeContextFromParameter: 'When',
              },
            },
          ],
        },
      },
      {
        type: 11,
        name: 'links',
        content: { links: [{ cellValue: 'https://kelp.example', linkTarget: 'Url', linkLabel: 'Kelp' }] },
      },
      { type: 10, name: 'cpu', content: {} },
      { type: 99, name: 'odd', content: {} },
    ],
  }
  const { dashboard, report } = readForeign(
    JSON.stringify({ properties: { serializedData: JSON.stringify(workbook) } }),
  )
  expect(dashboard.parameters).toEqual([
    { name: 'Host', type: 'query', query: 'Heartbeat | distinct Computer', multi: true, default: ['web'] },
    { name: 'When', type: 'timeRange', default: ['PT3600S'] },
    { name: 'Env', type: 'list', values: ['prod', 'test'] },
  ])
  expect(dashboard.items.map(({ kind }) => kind)).toEqual([
    'markdown',
    'parameters',
    'group',
    'query',
    'links',
    'foreign',
    'foreign',
  ])
  expect(dashboard.items[3]).toMatchObject({
    query: 'Heartbeat | where Computer == Host or Computer in (Host)',
    visual: { kind: 'timechart' },
    timeRange: '$When',
    group: dashboard.items[2]?.id,
    showWhen: { param: 'Env', equals: 'prod' },
  })
  expect(report).toEqual(['"cpu" (metric) is kept but not drawn.', '"odd" (type 99) is kept but not drawn.'])
  expect(readDashboard(JSON.stringify(dashboard)).faults).toEqual([])
  expect(dashboard['x-azure']).toEqual(workbook)
})

test('what is neither is refused with all that is wrong', () => {
  const wrong = JSON.stringify({ ...newDashboard('X'), layout: 'heap', items: [{ id: 'a', kind: 'query' }] })
  expect(() => readForeign(wrong)).toThrow(
    expect.objectContaining({
      details: [
        expect.objectContaining({ target: 'layout' }),
        expect.objectContaining({ target: 'items[0].query' }),
      ],
    }),
  )
})
