import { expect, test } from 'vitest'
import { readDashboard } from '../document'
import { readForeign } from './read'

const logs = (query: string) => ({
  refId: 'A',
  queryType: 'Azure Log Analytics',
  azureLogAnalytics: { query, resources: ['/subscriptions/s'], resultFormat: 'time_series' },
})
const place = (y: number, w = 12) => ({ x: 0, y, w, h: 8 })

const DOCUMENT = {
  title: 'Hosts',
  time: { from: 'now-6h', to: 'now' },
  refresh: '5m',
  templating: {
    list: [
      {
        type: 'query',
        name: 'host',
        label: 'Host',
        multi: true,
        includeAll: true,
        current: { value: ['$__all'] },
        query: logs('Heartbeat | where $__timeFilter() | distinct Computer'),
      },
      { type: 'custom', name: 'env', query: 'prod, Test : test', current: { value: 'prod' } },
      { type: 'datasource', name: 'ds' },
    ],
  },
  panels: [
    {
      type: 'timeseries',
      title: 'Busy',
      gridPos: place(0),
      fieldConfig: {
        defaults: {
          unit: 'percent',
          custom: { drawStyle: 'line', stacking: { mode: 'normal' } },
          thresholds: {
            mode: 'absolute',
            steps: [
              { color: 'green', value: null },
              { color: 'dark-orange', value: 70 },
              { color: 'red', value: 90 },
            ],
          },
        },
      },
      targets: [
        logs(
          "Perf | where $__timeFilter(TimeGenerated) and $__contains(Computer, $host) and Env == '${env}' " +
            '| summarize avg(CounterValue) by bin(TimeGenerated, $__interval), Computer',
        ),
        { queryType: 'Azure Monitor' },
      ],
    },
    { type: 'text', title: 'Read me', gridPos: place(8), options: { mode: 'markdown', content: '# Hello' } },
    {
      type: 'row',
      title: 'More',
      collapsed: true,
      gridPos: { x: 0, y: 16, w: 24, h: 1 },
      panels: [
        {
          type: 'stat',
          title: 'Late',
          gridPos: place(17),
          targets: [logs("print a = 'on $host', $__timeFrom(), $__odd")],
        },
        { type: 'geomap', title: 'Where', gridPos: place(25), targets: [logs('print 1')] },
      ],
    },
    { type: 'timeseries', title: 'CPU', gridPos: place(33), targets: [{ queryType: 'Azure Monitor' }] },
    {
      type: 'graph',
      title: 'Up',
      gridPos: place(41),
      datasource: { type: 'prometheus' },
      targets: [{ expr: 'up' }],
    },
  ],
}

test('a dashboard of Grafana on logs of Azure Monitor, with a report of what changed', () => {
  const { dashboard, report } = readForeign(JSON.stringify({ dashboard: DOCUMENT, meta: {} }))
  expect(readDashboard(JSON.stringify(dashboard)).faults).toEqual([])
  expect(dashboard).toMatchObject({ title: 'Hosts', defaults: { timeRange: 'PT6H', refresh: 'PT5M' } })
  expect(dashboard.parameters).toEqual([
    { name: 'TimeRange', label: 'Time range', type: 'timeRange', bounds: { from: 'TimeFrom', to: 'TimeTo' } },
    {
      name: 'host',
      label: 'Host',
      type: 'query',
      multi: true,
      allowAll: true,
      default: ['*'],
      query: 'Heartbeat | where TimeGenerated between (TimeFrom .. TimeTo) | distinct Computer',
    },
    { name: 'env', label: 'env', type: 'list', values: ['prod', 'test'], default: ['prod'] },
  ])
  expect(dashboard.items.map(({ kind, title }) => `${kind} ${title}`)).toEqual([
    'query Busy',
    'markdown Read me',
    'group More',
    'query Late',
    'query Where',
    'foreign CPU',
    'foreign Up',
  ])
  const [busy, , more, late] = dashboard.items
  expect(busy).toMatchObject({
    query:
      'Perf | where TimeGenerated between (TimeFrom .. TimeTo) and Computer in (host) and Env == env ' +
      '| summarize avg(CounterValue) by bin(TimeGenerated, 5m), Computer',
    visual: {
      kind: 'stackedareachart',
      unit: 'percent',
      thresholds: [
        { value: 70, level: 'warning' },
        { value: 90, level: 'error' },
      ],
    },
  })
  expect(more).toMatchObject({ isClosed: true })
  expect(late).toMatchObject({
    group: more?.id,
    query: "print a = 'on $host', TimeFrom, $__odd",
    visual: { kind: 'card' },
  })
  expect(report.changed).toEqual([
    '"Busy" has steps of 5 minutes instead of steps by its range ($__interval).',
    'Of the queries of "Busy" only the first of logs is kept.',
    `"Late" uses what is not known here, and fails until it is mended: $__odd, 'on $host'.`,
    '"Where" was shown as geomap; it is a table now.',
    'Queries ask the workspaces of this dashboard, not the resources that they named.',
  ])
  expect(report.left).toEqual([
    'Parameter "ds" (datasource) is left out.',
    '"CPU" (Azure Monitor) is not drawn: a placeholder has its name.',
    '"Up" (prometheus) is not drawn: a placeholder has its name.',
  ])
})
