import { expect, test } from 'vitest'
import { readDashboard } from '../document'
import { readForeign } from './read'

const DOCUMENT = {
  schema_version: '60',
  title: 'Fleet',
  autoRefresh: { enabled: true, defaultInterval: '30s' },
  pages: [
    { id: 'p1', name: 'Overview' },
    { id: 'p2', name: 'More' },
  ],
  dataSources: [{ id: 'd1', database: 'Telemetry', name: 'x' }],
  baseQueries: [{ id: 'b1', queryId: 'q0', variableName: '_beats' }],
  queries: [
    { id: 'q0', text: "let limit = 3;\nHeartbeat | where TimeGenerated between (['_from'] .. ['_to'])" },
    {
      id: 'q1',
      text: "_beats | where isempty(['_host']) or Computer in (['_host']) | summarize n = count() by Computer",
    },
    { id: 'q2', text: 'Heartbeat | summarize by Computer, OSType;' },
    { id: 'q3', text: 'print x = 1' },
  ],
  parameters: [
    {
      kind: 'duration',
      id: 'r1',
      displayName: 'Time range',
      beginVariableName: '_from',
      endVariableName: '_to',
      defaultValue: { kind: 'dynamic', count: 30, unit: 'minutes' },
    },
    {
      kind: 'string',
      id: 'r2',
      displayName: 'Host',
      variableName: '_host',
      selectionType: 'array',
      includeAllOption: true,
      defaultValue: { kind: 'all' },
      dataSource: {
        kind: 'query',
        columns: { value: 'Computer' },
        queryRef: { kind: 'query', queryId: 'q2' },
      },
    },
    {
      kind: 'int',
      id: 'r3',
      displayName: 'Limit',
      variableName: '_limit',
      selectionType: 'scalar',
      defaultValue: { kind: 'value', value: 5 },
      dataSource: { kind: 'static', values: [{ value: 5, displayText: 'five' }, { value: 10 }] },
    },
    { kind: 'dataSource', id: 'r4', displayName: 'Source', variableName: '_source' },
  ],
  tiles: [
    {
      id: 't1',
      title: 'By host',
      pageId: 'p1',
      visualType: 'stackedcolumn',
      layout: { x: 0, y: 0, width: 9, height: 7 },
      queryRef: { kind: 'query', queryId: 'q1' },
      visualOptions: {
        xColumn: { type: 'specified', value: 'Computer' },
        yColumns: { type: 'specified', value: ['n'] },
        seriesColumns: null,
        hideLegend: true,
        crossFilter: [{ interaction: 'column', property: 'Computer', parameterId: 'r2', disabled: false }],
      },
    },
    {
      id: 't2',
      pageId: 'p1',
      visualType: 'markdownCard',
      markdownText: '# Hi',
      layout: { x: 9, y: 0, width: 15, height: 7 },
    },
    {
      id: 't3',
      title: 'Heat',
      pageId: 'p2',
      visualType: 'heatmap',
      queryRef: { queryId: 'q3' },
      layout: { x: 0, y: 0, width: 24, height: 5 },
    },
    {
      id: 't4',
      title: 'Empty',
      pageId: 'p2',
      visualType: 'table',
      layout: { x: 0, y: 5, width: 4, height: 4 },
    },
  ],
}

test('a dashboard of Azure Data Explorer, with a report of what changed', () => {
  const { dashboard, report } = readForeign(JSON.stringify(DOCUMENT))
  expect(readDashboard(JSON.stringify(dashboard)).faults).toEqual([])
  expect(dashboard).toMatchObject({ title: 'Fleet', layout: 'grid', defaults: { refresh: 'PT30S' } })
  expect(dashboard.parameters).toEqual([
    {
      name: 'Time_range',
      label: 'Time range',
      type: 'timeRange',
      bounds: { from: '_from', to: '_to' },
      default: ['PT30M'],
    },
    {
      name: '_host',
      label: 'Host',
      type: 'query',
      valueType: 'string',
      multi: true,
      allowAll: true,
      default: ['*'],
      query: "Heartbeat | summarize by Computer, OSType\n| distinct ['Computer']",
    },
    { name: '_limit', label: 'Limit', type: 'list', valueType: 'long', values: ['5', '10'], default: ['5'] },
  ])
  expect(
    dashboard.items.map(({ kind, title, group, grid }) => [kind, title, group, grid?.x, grid?.y]),
  ).toEqual([
    ['group', 'Overview', undefined, 0, 0],
    ['query', 'By host', 'page-1', 0, 1],
    ['markdown', undefined, 'page-1', 9, 1],
    ['group', 'More', undefined, 0, 8],
    ['query', 'Heat', 'page-2', 0, 9],
    ['foreign', 'Empty', 'page-2', 0, 14],
  ])
  expect(dashboard.items[1]).toMatchObject({
    query:
      'let limit = 3;let _beats = Heartbeat | where TimeGenerated between (_from .. _to);\n' +
      '_beats | where isempty(_host) or Computer in (_host) | summarize n = count() by Computer',
    visual: {
      kind: 'columnchart',
      variant: 'stacked',
      xColumn: 'Computer',
      yColumns: ['n'],
      legend: 'hidden',
    },
    onClick: [{ set: '_host', from: 'Computer' }],
  })
  expect(report).toEqual({
    taken: ['parameter "Time range"', 'parameter "Host"', 'parameter "Limit"', '"By host"', '"markdownCard"'],
    changed: [
      'Base queries are written into the queries that use them.',
      'Queries ask the workspaces of this dashboard, not Telemetry.',
      '"Heat" was shown as heatmap; it is a table now.',
    ],
    left: [
      'Parameter "Source" (dataSource) is left out.',
      '"Empty" (table) is not drawn: a placeholder has its name.',
    ],
  })
})
