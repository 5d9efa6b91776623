import { expect, test } from 'vitest'
import { canHistogram, histogramQuery, histogramStep, makeBars } from './bins'
import { describeChart } from './describe'
import { proposeChart } from './propose'
import { readLocal } from './RangeFields'
import { plainRender, readRender, renderLine, visualOf } from './render'
import { summarize } from './summary'
import { readNumber, readTime, tableOfRows } from './table'

test('the answer of a query, a stored visual and properties beside the kind are read alike', () => {
  const read = readRender({
    visualization: 'TimeChart',
    ySplit: 'Panels',
    yMin: 'NaN',
    yMax: 5,
    kind: null,
    series: 'a, b',
  })
  expect(read).toMatchObject({
    visualization: 'timechart',
    ySplit: 'panels',
    yMin: null,
    yMax: 5,
    series: ['a', 'b'],
  })
  expect(
    readRender({
      visualization: 'timechart',
      properties: { ysplit: 'panels', ymax: '5', series: ['a', 'b'] },
    }),
  ).toEqual(read)
  expect(readRender(visualOf(read))).toEqual(read)
  expect(readRender(visualOf({ ...plainRender('columnchart'), kind: 'stacked100' }))).toMatchObject({
    kind: 'stacked100',
  })
})

test('a render line says what is not as usual, with names quoted where they must be', () => {
  expect(renderLine(plainRender('piechart'))).toBe('render piechart')
  const render = {
    ...plainRender('timechart'),
    title: 'a "b"',
    yColumns: ['n', 'two words'],
    yMax: 5,
    xTitle: 'x',
  }
  expect(renderLine(render)).toBe(
    'render timechart with (title="a \\"b\\"", ymax=5, xtitle="x", ycolumns=n, [\'two words\'])',
  )
})

test('values are read in whatever form they come', () => {
  const moment = Date.UTC(2026, 0, 2, 3, 4, 5, 123)
  expect(readTime('2026-01-02T03:04:05.1234567Z')).toBe(moment)
  expect(readTime('2026-01-02 03:04:05.123')).toBe(moment)
  expect(readTime(new Date(moment))).toBe(moment)
  expect(readNumber('1.02:03:04.5', 'timespan')).toBe(93_784.5)
  expect(readNumber('-00:00:01', 'timespan')).toBe(-1)
  expect([readNumber(5n, 'long'), readNumber('NaN', 'real'), readNumber(null, 'long')]).toEqual([
    5,
    null,
    null,
  ])
})

test.each([
  [['datetime', 'long'], 'timechart'],
  [['string', 'long'], 'barchart'],
  [['string', 'string', 'real'], 'columnchart'],
  [['long'], 'card'],
  [['string', 'dynamic'], undefined],
])('a chart for columns of %s', (types, kind) => {
  const columns = types.map((type, index) => ({ name: `c${index}`, type }))
  expect(proposeChart(columns)?.visualization).toBe(kind)
})

test('a chart is told in one sentence', () => {
  const table = tableOfRows(
    [
      { name: 'TimeGenerated', type: 'datetime' },
      { name: 'n', type: 'long' },
    ],
    [
      ['2026-01-01T00:00:00Z', 3],
      ['2026-01-01T01:00:00Z', 1200],
    ],
  )
  const chart = describeChart(table, { ...plainRender('timechart'), title: 'Beats' })
  expect(summarize(chart, 'UTC')).toBe(
    'Beats. Time chart of n by TimeGenerated, from 2026-01-01 00:00:00 to 2026-01-01 01:00:00; values from 3 to 1,200.',
  )
})

test('a histogram counts in steps that people know', () => {
  const from = new Date('2026-01-01T00:10:00Z')
  const to = new Date('2026-01-02T00:10:00Z')
  expect(histogramStep(from, to)).toEqual({ milliseconds: 1_800_000, text: '30m' })
  expect(histogramQuery('let n = 1;\nSyslog | where x == n;', { from, to, by: 'a b' }).query).toBe(
    "let n = 1;\nSyslog | where x == n\n| summarize Count = count() by TimeGenerated = bin(TimeGenerated, 30m), By = tostring(['a b'])",
  )
  const columns = [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'By', type: 'string' },
    { name: 'Count', type: 'long' },
  ]
  const rows = Array.from({ length: 12 }, (_, index) => ['2026-01-01T01:00:00Z', `v${index}`, 12 - index])
  const made = makeBars(tableOfRows(columns, rows), from, to, histogramStep(from, to), 'other')
  expect(made.bars).toHaveLength(49)
  expect(made.values).toEqual(['v0', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'v9', 'other'])
  expect(made.bars[2]).toMatchObject({ total: 78, from: Date.UTC(2026, 0, 1, 1) })
  expect(made.bars[2]?.parts.at(-1)).toBe(3)
  expect([made.highest, made.total]).toEqual([78, 78])
})

test('a histogram is for rows along time that nothing adds up', () => {
  const columns = [{ name: 'TimeGenerated', type: 'datetime' }]
  expect(canHistogram(columns, 'Syslog | where m has "| count" // | summarize')).toBe(true)
  expect(canHistogram(columns, 'Syslog | summarize count() by bin(TimeGenerated, 1h)')).toBe(false)
  expect(canHistogram([{ name: 'TimeGenerated', type: 'string' }], 'Syslog')).toBe(false)
})

test('a clock in a zone shows another moment', () => {
  expect(new Date(readLocal('2026-07-01T12:00:00', 'Europe/Berlin')).toISOString()).toBe(
    '2026-07-01T10:00:00.000Z',
  )
  expect(new Date(readLocal('2026-01-01T12:00:00', 'America/New_York')).toISOString()).toBe(
    '2026-01-01T17:00:00.000Z',
  )
})
