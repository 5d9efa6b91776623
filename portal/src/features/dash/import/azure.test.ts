import { expect, test } from 'vitest'
import { newDashboard, readDashboard } from '../document'
import { readForeign } from './read'

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
    {
      name: 'When',
      type: 'timeRange',
      bounds: { from: 'WhenStart', to: 'WhenEnd' },
      default: ['PT3600S'],
    },
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
  expect(report.left).toEqual([
    '"cpu" (metric) is not drawn: a placeholder has its name.',
    '"odd" (type 99) is not drawn: a placeholder has its name.',
  ])
  expect(report.changed).toEqual([])
  expect(readDashboard(JSON.stringify(dashboard)).faults).toEqual([])
  expect(dashboard['x-azure']).toEqual(workbook)
})

test('tabs, widths, formats and conditions of an Azure workbook', () => {
  const query =
    "Heartbeat | where TimeGenerated > {When:start} and Computer has 'a {Host}' and '{Host:label}' == ''"
  const workbook = {
    version: 'Notebook/1.0',
    items: [
      {
        type: 11,
        name: 'tabs',
        content: {
          style: 'tabs',
          links: [
            { cellValue: 'Tab', linkTarget: 'parameter', linkLabel: 'One', subTarget: 'one' },
            { cellValue: 'Tab', linkTarget: 'parameter', linkLabel: 'Two', subTarget: 'two' },
          ],
        },
      },
      { type: 3, name: 'left', customWidth: '50', content: { query, visualization: 'map' } },
      {
        type: 3,
        name: 'right',
        customWidth: '50',
        conditionalVisibility: { parameterName: 'Tab', comparison: 'isLessThan', value: '1' },
        content: { query: 'Heartbeat', queryType: 1 },
      },
      { type: 12, name: 'template', content: { loadFromTemplateId: 'community-1' } },
    ],
  }
  const { dashboard, report } = readForeign(JSON.stringify(workbook))
  expect(dashboard.layout).toBe('grid')
  expect(dashboard.parameters.at(-1)).toEqual({ name: 'Tab', type: 'list', values: ['one', 'two'] })
  expect(dashboard.items.map(({ kind, grid }) => [kind, grid?.x, grid?.y, grid?.w])).toEqual([
    ['parameters', 0, 0, 24],
    ['query', 0, 2, 12],
    ['foreign', 12, 2, 12],
    ['foreign', 0, 10, 12],
  ])
  expect(dashboard.items[1]).toMatchObject({
    query: "Heartbeat | where TimeGenerated > WhenStart and Computer has 'a {Host}' and '{Host:label}' == ''",
    visual: { kind: 'table' },
  })
  expect(report.changed).toEqual([
    'The tabs "tabs" are a choice of their parameter now.',
    '"left" was shown as map; it is a table now.',
    `"left" uses what is not known here, and fails until it is mended: 'a {Host}', '{Host:label}'.`,
    'The condition of "right" is of a kind that is not known here: it is always shown.',
  ])
  expect(report.left).toHaveLength(2)
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
