import { expect, test } from 'vitest'
import { newDashboard, type Parameter } from './document'
import { bindQuery, chosenValues, isShown, readValues, timeRangeOf, writeValues } from './parameters'

const host: Parameter = { name: 'Host', type: 'query', multi: true, allowAll: true }
const env: Parameter = { name: 'Env', type: 'list', values: ['prod', 'test'] }
const count: Parameter = { name: 'N', label: 'Count', type: 'text', valueType: 'long' }

test('values are declared with their types, and nothing is put into the text', () => {
  const query = 'Heartbeat | where Computer in (Host) and Env == Env2 | take N'
  const nasty = `web" | drop //'\n\\`
  const { query: bound, problems } = bindQuery(query, [host, env, count], { Host: [nasty, 'b'], N: ['10'] })
  expect(problems).toEqual(['Choose a value for Env.'])
  expect(bound).toBe(
    `declare query_parameters(Host:dynamic = dynamic(["web\\" | drop //'\\n\\\\","b"]), N:long = long(10));\n${query}`,
  )
})

test('only what a query names is declared: not what stands in texts, comments and paths', () => {
  const query = `T | where a == "Host" // Host\n| extend b = x.Host, c = ['Host'], d = @"Host"`
  expect(bindQuery(query, [host], { Host: ['web'] })).toEqual({ query, problems: [] })
})

test.each<[string, Parameter['valueType'], string, string | null]>([
  ['text', 'string', 'x', 'P:string = "x"'],
  ['long', 'long', '-5', 'P:long = long(-5)'],
  ['real', 'real', '1.5e3', 'P:real = real(1.5e3)'],
  ['bool', 'bool', 'true', 'P:bool = bool(true)'],
  ['datetime', 'datetime', '2026-01-01T00:00:00Z', 'P:datetime = datetime(2026-01-01T00:00:00Z)'],
  [
    'guid',
    'guid',
    '74be27de-1e4e-49d9-b579-fe0b331d3642',
    'P:guid = guid(74be27de-1e4e-49d9-b579-fe0b331d3642)',
  ],
  ['no long', 'long', '1) | drop', null],
  ['no datetime', 'datetime', 'now()', null],
])('a value of type %s', (_, valueType, value, declared) => {
  const { query, problems } = bindQuery('print P', [{ name: 'P', type: 'text', valueType }], { P: [value] })
  expect(query).toBe(declared ? `declare query_parameters(${declared});\nprint P` : 'print P')
  expect(problems).toHaveLength(declared ? 0 : 1)
})

test.each([
  ['T | where Computer in (Host)', 'T | where true'],
  ['T | where A == 1 and Computer in (Host) | count', 'T | where A == 1 and true | count'],
  ['T | where A or B and Computer in (Host)\n| count', 'T | where A or B and true\n| count'],
  ['T | where (A and Computer in (Host)) or C', 'T | where (A and true) or C'],
  ['T | where not(Computer in (Host))', 'T | where true'],
  ['T | join (P | where H in (Host)) on K | where X', 'T | join (P | where true) on K | where X'],
  [
    'let a = T | where Computer in (Host);\na | filter Computer has_any (Host)',
    'let a = T | where true;\na | filter true',
  ],
])('all of a parameter asks nothing of it: %s', (query, relaxed) => {
  expect(bindQuery(query, [host], { Host: ['*'] })).toEqual({ query: relaxed, problems: [] })
})

test('where no predicate can be left out, all known values are meant', () => {
  const { query } = bindQuery('print Host', [host], { Host: ['*'] }, { Host: ['a', 'b'] })
  expect(query).toBe('declare query_parameters(Host:dynamic = dynamic(["a","b"]));\nprint Host')
})

test('a star is a value like any other where all may not be chosen', () => {
  const { query } = bindQuery('print Env', [env], { Env: ['*'] })
  expect(query).toBe('declare query_parameters(Env:string = "*");\nprint Env')
})

test.each([[[]], [['a']], [['a', 'b,c', 'd\\', '']]])('the address holds %j', (values) => {
  expect(readValues(writeValues(values))).toEqual(values)
})

test('values come from the address, else from the parameter', () => {
  const dashboard = {
    ...newDashboard('X'),
    parameters: [host, env, { ...count, default: ['5'] }, { name: 'When', type: 'timeRange' as const }],
  }
  expect(chosenValues(dashboard, { 'p.Host': 'a,b', 'p.N': '' })).toEqual({
    Host: ['a', 'b'],
    Env: ['prod'],
    N: ['5'],
    When: ['PT24H'],
  })
  expect(chosenValues(dashboard, {})['Host']).toEqual(['*'])
})

test('an item has its own time, that of a parameter, or the dashboard’s', () => {
  const dashboard = { ...newDashboard('X'), parameters: [{ name: 'When', type: 'timeRange' as const }] }
  const values = { When: ['PT5M'] }
  expect(timeRangeOf({}, dashboard, values)).toBe('PT5M')
  expect(timeRangeOf({ timeRange: 'P7D' }, dashboard, values)).toBe('P7D')
  expect(timeRangeOf({ timeRange: '$When' }, dashboard, values)).toBe('PT5M')
  expect(timeRangeOf({ timeRange: '$Other' }, dashboard, values)).toBe('PT24H')
})

test('items are shown by what is chosen', () => {
  const item = { id: 'a', kind: 'markdown' as const, text: '' }
  expect(isShown(item, {})).toBe(true)
  expect(isShown({ ...item, showWhen: { param: 'Env', equals: 'prod' } }, { Env: ['prod'] })).toBe(true)
  expect(isShown({ ...item, showWhen: { param: 'Env', equals: 'prod' } }, { Env: ['test'] })).toBe(false)
  expect(isShown({ ...item, showWhen: { param: 'Env', notEquals: 'prod' } }, { Env: ['test'] })).toBe(true)
})

test.each([
  ['PT1H', 'let Start = ago(3600s);\nlet End = now();\n'],
  [
    '2026-01-01T00:00:00Z/2026-01-02T00:00:00Z',
    'let Start = datetime(2026-01-01T00:00:00.000Z);\nlet End = datetime(2026-01-02T00:00:00.000Z);\n',
  ],
  ['', 'let Start = datetime(1970-01-01);\nlet End = now();\n'],
])('the ends of the range %j go before queries that name them', (range, head) => {
  const when = { name: 'When', type: 'timeRange', bounds: { from: 'Start', to: 'End' } } as const
  const query = 'T | where TimeGenerated between (Start .. End)'
  expect(bindQuery(query, [when], { When: [range] })).toEqual({ query: head + query, problems: [] })
  expect(bindQuery('T', [when], { When: [range] }).query).toBe('T')
})
