import { expect, test } from 'vitest'
import { describeChart } from './describe'
import { readRender } from './render'
import { optionOf, type OptionChoice } from './render-to-option'
import { tableOfRows, type ChartTable } from './table'

const look = {
  series: ['#1', '#2', '#3', '#4', '#5', '#6', '#7', '#8'],
  text: 't',
  text2: 't2',
  hairline: 'h',
  border: 'b',
  bg: 'g',
  surface: 's',
  accent: 'a',
  danger: 'danger',
  warning: 'warning',
  ok: 'ok',
  link: 'link',
  font: 'f',
  needsDecals: false,
}
const numbers = new Map<string, number>()
const choice: OptionChoice = {
  look,
  timeZone: 'UTC',
  unit: 'number',
  thresholds: [],
  isAlone: false,
  isHidden: () => false,
  colorOf: (name) => {
    if (!numbers.has(name)) numbers.set(name, numbers.size)
    return numbers.get(name) ?? 0
  },
}

type Drawn = Record<string, unknown> & {
  series: (Record<string, unknown> & { data: unknown[] })[]
  xAxis: Record<string, unknown>[]
  yAxis: Record<string, unknown>[]
}

function draw(table: ChartTable, render: Record<string, unknown>, more: Partial<OptionChoice> = {}): Drawn {
  numbers.clear()
  return optionOf(describeChart(table, readRender(render)), { ...choice, ...more }) as Drawn
}

function columns(...named: [string, string][]) {
  return named.map(([name, type]) => ({ name, type }))
}

const at = (hour: number) => Date.UTC(2026, 0, 1, hour)
const text = (hour: number) => new Date(at(hour)).toISOString()
const beats = tableOfRows(columns(['Computer', 'string'], ['TimeGenerated', 'datetime'], ['n', 'long']), [
  ['web', text(1), 2],
  ['db', text(0), 10n],
  ['web', text(0), '1'],
  ['db', text(1), null],
])
const levels = tableOfRows(columns(['Level', 'string'], ['Env', 'string'], ['n', 'long']), [
  ['err', 'prod', 1],
  ['err', 'test', 3],
  ['info', 'prod', 4],
])
const two = tableOfRows(columns(['x', 'long'], ['a', 'real'], ['b', 'real']), [
  [1, 1, 10],
  [2, 2, 20],
])

test('a time chart finds its moment wherever it stands, and makes a line of each text', () => {
  const drawn = draw(beats, { visualization: 'timechart' })
  expect(drawn.xAxis[0]).toMatchObject({ type: 'time' })
  expect(drawn.series.map(({ type, name, data }) => [type, name, data])).toEqual([
    ['line', 'web', [[at(0), 1], [at(1), 2]]], // prettier-ignore
    ['line', 'db', [[at(0), 10], [at(1), null]]], // prettier-ignore
  ])
})

test.each([
  ['linechart', 'line', undefined],
  ['areachart', 'line', undefined],
  ['stackedareachart', 'line', 'all'],
  ['scatterchart', 'scatter', undefined],
  ['columnchart', 'bar', 'all'],
  ['anomalychart', 'line', undefined],
])('%s is drawn as %s', (visualization, type, stack) => {
  const [first] = draw(two, { visualization }).series
  expect(first).toMatchObject({ type })
  expect(first?.['stack']).toBe(stack)
  expect(Boolean(first?.['areaStyle'])).toBe(visualization.includes('area'))
})

test('a bar chart lies, the first place on top', () => {
  const drawn = draw(levels, { visualization: 'barchart' })
  expect(drawn.yAxis[0]).toMatchObject({ type: 'category', data: ['err', 'info'], inverse: true })
  expect(drawn.series[0]).toMatchObject({ name: 'prod', data: [[1, 'err'], [4, 'info']] }) // prettier-ignore
  expect(drawn.series[1]).toMatchObject({ name: 'test', data: [[3, 'err'], [0, 'info']] }) // prettier-ignore
})

test.each([
  ['unstacked', undefined, [1, 4]],
  ['default', undefined, [1, 4]],
  ['stacked', 'all', [1, 4]],
  ['stacked100', 'all', [25, 100]],
])('kind=%s', (kind, stack, sizes) => {
  const drawn = draw(levels, { visualization: 'columnchart', kind })
  expect(drawn.series[0]?.['stack']).toBe(stack)
  expect(drawn.series[0]?.data.map((point) => (point as unknown[])[1])).toEqual(sizes)
  expect(drawn.yAxis[0]?.['max']).toBe(kind === 'stacked100' ? 100 : undefined)
})

test('a pie adds up what has one name and keeps ten slices', () => {
  const rows = Array.from({ length: 13 }, (_, index) => [`n${index % 12}`, 20 - index])
  const [pie] = draw(tableOfRows(columns(['k', 'string'], ['v', 'long']), rows), {
    visualization: 'piechart',
  }).series
  const slices = (pie?.data ?? []) as { name: string; value: number }[]
  expect(slices).toHaveLength(11)
  expect(slices[0]).toMatchObject({ name: 'n0', value: 28 })
  expect(slices.at(-1)?.name).toBe('other (2)')
})

test('a treemap has a level for each text', () => {
  const [tree] = draw(levels, { visualization: 'treemap' }).series
  expect(tree?.data[0]).toMatchObject({
    name: 'err',
    value: 4,
    children: [{ name: 'prod' }, { name: 'test' }],
  })
})

test('a ladder goes from the last column but one to the last', () => {
  const table = tableOfRows(columns(['Task', 'string'], ['Start', 'datetime'], ['End', 'datetime']), [
    ['b', text(1), text(3)],
    ['a', text(2), text(2)],
  ])
  const [ladder] = draw(table, { visualization: 'ladderchart' }).series
  expect(ladder?.data).toMatchObject([{ value: [0, at(1), at(3)] }, { value: [1, at(2), at(2)] }])
})

test('a graph without a cycle goes from left to right', () => {
  const ends = columns(['source', 'string'], ['target', 'string'])
  const links = [['a', 'b'], ['b', 'c'], ['a', 'c']] // prettier-ignore
  const [graph] = draw(tableOfRows(ends, links), { visualization: 'graph' }).series
  expect(graph).toMatchObject({ layout: 'none' })
  expect((graph?.data ?? []).map((node) => (node as { x: number }).x)).toEqual([0, 160, 320])
  const [tied] = draw(tableOfRows(ends, [...links, ['c', 'a']]), { visualization: 'graph' }).series
  expect(tied).toMatchObject({ layout: 'force' })
})

test('cards, pivots and tables are no pictures but are described', () => {
  const describe = (visualization: string, table = levels) =>
    describeChart(table, readRender({ visualization }))
  expect(describe('card', two)).toMatchObject({
    draw: 'card',
    cards: [{ name: 'x', value: 1 }, { name: 'a' }, { name: 'b' }],
  })
  expect(describe('pivotchart')).toMatchObject({ draw: 'pivot', columns: ['prod', 'test'], cells: [[1, 3], [4, null]] }) // prettier-ignore
  expect(describe('timepivot', beats)).toMatchObject({
    draw: 'timepivot',
    groups: [{ name: 'db' }, { name: 'web' }],
  })
  expect(describe('plotly')).toMatchObject({ draw: 'table', notes: ['plotly'] })
  expect(describe('nonsense')).toMatchObject({ draw: 'table', notes: [] })
  expect(describe('piechart', tableOfRows(levels.columns, []))).toMatchObject({
    draw: 'table',
    notes: ['noRows'],
  })
  expect(optionOf(describe('card', two), choice)).toBeNull()
})

test('lists of a series become points, and anomalies are flagged in bands', () => {
  const table = tableOfRows(columns(['t', 'dynamic'], ['n', 'dynamic'], ['flags', 'dynamic']), [
    [JSON.stringify([0, 1, 2, 3].map(text)), '[1,9,8,null]', '[0,1,-1,0]'],
  ])
  const drawn = draw(table, { visualization: 'anomalychart', anomalyColumns: 'flags' })
  expect(drawn.series).toHaveLength(2)
  expect(drawn.series[0]).toMatchObject({
    data: [[at(0), 1], [at(1), 9], [at(2), 8], [at(3), null]], // prettier-ignore
    markArea: { data: [[{ xAxis: at(1) }, { xAxis: at(2) }]] },
  })
  expect(drawn.series[1]).toMatchObject({ type: 'scatter', data: [[at(1), 9], [at(2), 8]] }) // prettier-ignore
})

test('xColumn, yColumns and series choose columns', () => {
  const drawn = draw(levels, {
    visualization: 'columnchart',
    xColumn: 'Env',
    yColumns: 'n',
    series: ['Level'],
  })
  expect(drawn.xAxis[0]?.['data']).toEqual(['prod', 'test'])
  expect(drawn.series.map(({ name }) => name)).toEqual(['err', 'info'])
  expect(draw(two, { visualization: 'linechart', yColumns: 'b' }).series.map(({ name }) => name)).toEqual([
    'b',
  ])
  const missing = draw(two, { visualization: 'linechart', xColumn: 'nobody', yColumns: 'none' })
  expect(missing.series.map(({ name }) => name)).toEqual(['a', 'b'])
})

test('accumulate adds up along x, in order', () => {
  const table = tableOfRows(columns(['x', 'long'], ['y', 'long']), [[3, 30], [1, 10], [2, 20]]) // prettier-ignore
  const points = (more: object) => draw(table, { visualization: 'linechart', ...more }).series[0]?.data
  expect(points({ accumulate: true })).toEqual([[1, 10], [2, 30], [3, 60]]) // prettier-ignore
  expect(points({ isQuerySorted: true })).toEqual([[3, 30], [1, 10], [2, 20]]) // prettier-ignore
})

test('axes take titles, limits and logarithms; NaN is no limit', () => {
  const drawn = draw(two, {
    visualization: 'linechart',
    xAxis: 'log',
    yAxis: 'log',
    xTitle: 'X',
    yTitle: 'Y',
    yMin: 1,
    yMax: 'NaN',
  })
  expect(drawn.xAxis[0]).toMatchObject({ type: 'log', name: 'X' })
  expect(drawn.yAxis[0]).toMatchObject({ type: 'log', name: 'Y', min: 1 })
  expect(drawn.yAxis[0]).not.toHaveProperty('max')
})

test('ySplit gives each series an axis, or each column a panel', () => {
  const axes = draw(two, { visualization: 'linechart', ySplit: 'axes' })
  expect(axes.yAxis.map(({ position }) => position)).toEqual(['left', 'right'])
  expect(axes.series.map(({ yAxisIndex }) => yAxisIndex)).toEqual([0, 1])
  const panels = draw(two, { visualization: 'linechart', ySplit: 'panels' })
  expect(panels.yAxis.map(({ name }) => name)).toEqual(['a', 'b'])
  expect(panels.series.map(({ xAxisIndex, yAxisIndex }) => [xAxisIndex, yAxisIndex])).toEqual([[0, 0], [1, 1]]) // prettier-ignore
})

test('the twenty largest series are drawn, the rest as one', () => {
  const rows = Array.from({ length: 23 }, (_, index) => [at(0), `s${index}`, index])
  const table = tableOfRows(columns(['t', 'datetime'], ['k', 'string'], ['n', 'long']), rows)
  const names = draw(table, { visualization: 'timechart' }).series.map(({ name }) => name)
  expect(names).toHaveLength(21)
  expect(names[0]).toBe('s3')
  expect(names.at(-1)).toBe('other (3)')
  expect(describeChart(table, readRender({ visualization: 'timechart' })).notes).toEqual(['topSeries'])
})

test('the ninth series starts the colours again with dashes; what is hidden is not drawn', () => {
  const rows = Array.from({ length: 9 }, (_, index) => [at(0), `s${index}`, index])
  const table = tableOfRows(columns(['t', 'datetime'], ['k', 'string'], ['n', 'long']), rows)
  const { series } = draw(table, { visualization: 'timechart' })
  expect(series[0]).toMatchObject({ color: '#1', symbol: 'circle', lineStyle: { type: 'solid' } })
  expect(series[8]).toMatchObject({ color: '#1', symbol: 'rect', lineStyle: { type: 'dashed' } })
  const rest = draw(table, { visualization: 'timechart' }, { isHidden: (name) => name !== 's4' }).series
  expect(rest.map(({ name }) => name)).toEqual(['s4'])
})

test('thresholds are lines in the colour of their level', () => {
  const drawn = draw(two, { visualization: 'linechart' }, { thresholds: [{ value: 5, level: 'error' }] })
  expect(drawn.series[0]).toMatchObject({
    markLine: { data: [{ yAxis: 5, lineStyle: { color: 'danger' } }] },
  })
  expect(drawn.series[1]).not.toHaveProperty('markLine')
})

test('long lines are thinned as the eye would', () => {
  const rows = Array.from({ length: 2001 }, (_, index) => [index, index])
  const table = tableOfRows(columns(['x', 'long'], ['y', 'long']), rows)
  expect(draw(table, { visualization: 'linechart' }).series[0]).toMatchObject({
    sampling: 'lttb',
    showSymbol: false,
  })
})
