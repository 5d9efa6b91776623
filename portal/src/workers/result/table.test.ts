import { expect, test } from 'vitest'
import { Bool, Int64, Utf8, vectorFromArray } from 'apache-arrow'
import { Table } from './table'
import type { Arrangement, ColumnType } from './protocol'

const PLAIN: Arrangement = { sort: [], filters: [], groupBy: null, open: [] }

function tableOf(columns: Record<string, [ColumnType, unknown[]]>): Table {
  const table = new Table(Object.entries(columns).map(([name, [type]]) => ({ name, type })))
  for (const [index, [, cells]] of Object.values(columns).entries()) table.columns[index]!.appendAll(cells)
  return table
}

function shown(table: Table, arrangement: Partial<Arrangement>, column = 0): (string | null)[] {
  const { length } = table.arrange(1, { ...PLAIN, ...arrangement })
  return table
    .lines(1, 0, length, [column], 'UTC')
    .map((line) => ('row' in line ? line.cells[0]! : `${line.shown} (${line.count})`))
}

function tints(name: string, type: ColumnType, cells: unknown[]) {
  const table = tableOf({ [name]: [type, cells] })
  table.arrange(1, PLAIN)
  return table.lines(1, 0, cells.length, [], 'UTC').map((line) => 'row' in line && line.tint)
}

test('types are exact', () => {
  const table = tableOf({
    long: ['long', ['9223372036854775807', '-9007199254740993', null]],
    decimal: ['decimal', ['0.1', '12345678901234567890.123456789012345678', null]],
    at: ['datetime', ['2026-11-22T11:42:06.9012345Z', '1601-01-01T00:00:00Z', null]],
    took: ['timespan', ['1.02:03:04.0000005', '-00:00:00.5', null]],
    body: ['dynamic', [{ id: 1 }, [1, 'a'], null]],
  })
  const row = (index: number) => table.columns.map((_, column) => table.text(index, column))
  expect(row(0)).toEqual([
    '9223372036854775807',
    '0.1',
    '2026-11-22T11:42:06.9012345Z',
    '1.02:03:04.0000005',
    '{"id":1}',
  ])
  expect(row(1)).toEqual([
    '-9007199254740993',
    '12345678901234567890.123456789012345678',
    '1601-01-01T00:00:00.0000000Z',
    '-00:00:00.5000000',
    '[1,"a"]',
  ])
  expect(row(2)).toEqual([null, null, null, null, null])
  expect(table.columns.map((_, column) => table.literal(0, column))).toEqual([
    '9223372036854775807',
    'decimal(0.1)',
    'datetime(2026-11-22T11:42:06.9012345Z)',
    'timespan(1.02:03:04.0000005)',
    'dynamic({"id":1})',
  ])
  expect(table.values([0], 0, 3)).toEqual([[9223372036854775807n, -9007199254740993n, null]])
})

test('times are shown in the zone of the reader, with the digits that they have', () => {
  const table = tableOf({ at: ['datetime', ['2026-07-01T10:00:00.5Z', '2026-12-01T10:00:00.1234567Z']] })
  table.arrange(1, PLAIN)
  expect(table.lines(1, 0, 2, [0], 'Europe/Berlin').map((line) => 'row' in line && line.cells[0])).toEqual([
    '2026-07-01 12:00:00.500',
    '2026-12-01 11:00:00.1234567',
  ])
})

test('a sort keeps the order of equals, and null is the smallest', () => {
  const table = tableOf({
    id: ['string', ['a', 'b', 'c', 'd', 'e', 'f']],
    value: ['long', [2, null, 1, 2, null, '9007199254740993']],
  })
  expect(shown(table, { sort: [{ column: 'value', descending: false }] })).toEqual([
    'b',
    'e',
    'c',
    'a',
    'd',
    'f',
  ])
  expect(shown(table, { sort: [{ column: 'value', descending: true }] })).toEqual([
    'f',
    'a',
    'd',
    'c',
    'b',
    'e',
  ])
})

test('a second key orders the equals of the first', () => {
  const table = tableOf({
    host: ['string', ['web', 'db', 'web', 'db']],
    took: ['real', [2, 1, 1, NaN]],
  })
  const sort = [
    { column: 'host', descending: true },
    { column: 'took', descending: false },
  ]
  expect(shown(table, { sort }, 1)).toEqual(['1', '2', 'NaN', '1'])
})

test('decimals and durations are sorted as numbers, not as texts', () => {
  const table = tableOf({
    decimal: ['decimal', ['10', '9.5', '-3']],
    took: ['timespan', ['10.00:00:00', '23:00:00', '00:00:01']],
  })
  expect(shown(table, { sort: [{ column: 'decimal', descending: false }] })).toEqual(['-3', '9.5', '10'])
  expect(shown(table, { sort: [{ column: 'took', descending: true }] }, 1)[0]).toBe('10.00:00:00')
})

test('filters look at what is shown, at values, and at ranges', () => {
  const table = tableOf({
    host: ['string', ['web-01', 'WEB-02', 'db-01', '']],
    took: ['long', [5, 50, 500, null]],
  })
  expect(shown(table, { filters: [{ column: 'host', op: 'contains', text: 'web' }] })).toEqual([
    'web-01',
    'WEB-02',
  ])
  expect(shown(table, { filters: [{ column: 'took', op: 'in', values: ['5', null] }] })).toEqual([
    'web-01',
    '',
  ])
  expect(shown(table, { filters: [{ column: 'took', op: 'notIn', values: ['5', null] }] })).toHaveLength(2)
  expect(shown(table, { filters: [{ column: 'took', op: 'range', from: '50', to: '' }] })).toEqual([
    'WEB-02',
    'db-01',
  ])
  expect(shown(table, { filters: [{ column: 'gone', op: 'contains', text: 'x' }] })).toHaveLength(4)
})

test('groups come with their counts, and open to their rows', () => {
  const table = tableOf({ host: ['string', ['a', 'b', 'b', 'c', 'b']], n: ['int', [1, 2, 3, 4, null]] })
  expect(shown(table, { groupBy: 'host' })).toEqual(['b (3)', 'a (1)', 'c (1)'])
  expect(shown(table, { groupBy: 'host', open: ['b'] }, 1)).toEqual([
    'b (3)',
    '2',
    '3',
    null,
    'a (1)',
    'c (1)',
  ])
  expect(table.lineOf(1, 2)).toBe(2)
  expect(table.lineOf(1, 0)).toBe(-1)
  expect(shown(table, { groupBy: 'n' })).toContain('null (1)')
})

test('values are counted exactly, and searched', () => {
  const table = tableOf({ level: ['string', ['err', 'info', 'err', 'warn', 'info', 'err']] })
  expect(table.counts(0, '', 2, 'UTC')).toEqual({
    values: [
      { text: 'err', shown: 'err', count: 3 },
      { text: 'info', shown: 'info', count: 2 },
    ],
    distinct: 3,
    rows: 6,
  })
  expect(table.counts(0, 'WA', 10, 'UTC').values).toEqual([{ text: 'warn', shown: 'warn', count: 1 }])
  expect(table.field(0)).toEqual({ column: 0, fill: 1, distinct: 3 })
})

test('statistics are exact above 2^53', () => {
  const table = tableOf({ n: ['long', ['9007199254740993', '1', null, '1']] })
  table.arrange(1, PLAIN)
  expect(table.statistics(1, 0, 'UTC')).toMatchObject({
    rows: 4,
    nulls: 1,
    distinct: 2,
    min: '1',
    max: '9007199254740993',
    sum: '9007199254740995',
    mean: '3002399751580331.666666666666666666',
  })
})

test('a selection is added up where it holds one column of numbers', () => {
  const table = tableOf({ host: ['string', ['a', 'b', 'c']], n: ['real', [1.5, null, 2.5]] })
  table.arrange(1, PLAIN)
  expect(table.summarize(1, { lines: [0, 2], columns: [0, 1] })).toMatchObject({
    numbers: 2,
    sum: '4',
    mean: '2',
    min: '1.5',
    max: '2.5',
  })
  expect(table.summarize(1, { lines: [0, 2], columns: [0] })).toBeNull()
})

test('copies are tables, literals, or lines of JSON', () => {
  const table = tableOf({
    host: ['string', ['a', 'b\t"c"']],
    'odd name': ['long', ['9007199254740993', null]],
  })
  table.arrange(1, PLAIN)
  const copy = (columns: number[], format: 'text' | 'textWithNames' | 'kql' | 'json') =>
    table.copy(1, { lines: [0, 1], columns }, format, 'UTC')
  expect(copy([0, 1], 'textWithNames')).toBe('host\todd name\na\t9007199254740993\n"b\t""c"""\t')
  expect(copy([0], 'kql')).toBe('("a", "b\\t\\"c\\"")')
  expect(copy([0, 1], 'kql')).toBe(
    'datatable(host:string, ["odd name"]:long) [\n    "a", 9007199254740993,\n    "b\\t\\"c\\"", long(null)\n]',
  )
  expect(copy([0, 1], 'json').split('\n')[0]).toBe('{"host":"a","odd name":9007199254740993}')
})

test('a text is found where it is shown', () => {
  const table = tableOf({ a: ['string', ['xay', 'b', 'A']], b: ['long', [1, 2, 3]] })
  table.arrange(1, { ...PLAIN, sort: [{ column: 'b', descending: true }] })
  const found = table.find(1, 'a', [0, 1], 'UTC')
  expect(found.total).toBe(2)
  expect([...found.places]).toEqual([0, 0, 2, 0])
})

test('a big cell is cut between characters where it is shown, and whole where it is asked for', () => {
  const text = 'ä'.repeat(1_000_000)
  const table = tableOf({ a: ['string', [text, 'short']] })
  table.arrange(1, PLAIN)
  const [line] = table.lines(1, 0, 2, [0], 'UTC')
  expect(line).toMatchObject({ cells: ['ä'.repeat(256)], cut: [0] })
  expect(table.text(0, 0)).toBe(text)
  expect(table.text(1, 0)).toBe('short')
})

test('dynamic values open level by level, with the digits that were sent', () => {
  const table = new Table([{ name: 'body', type: 'dynamic' }])
  table.columns[0]!.append(
    vectorFromArray(['{"id": 9007199254740993, "tags": ["a\\"", {"x": null}], "s": "\\u00e4]"}'], new Utf8())
      .data[0]!,
  )
  const [root] = table.children(0, 0, -1, 0, 1).nodes
  const { nodes, total } = table.children(0, 0, root!.start, 0, 10)
  expect(total).toBe(3)
  expect(nodes.map(({ key, kind, preview }) => [key, kind, preview])).toEqual([
    ['id', 'number', '9007199254740993'],
    ['tags', 'array', '["a\\"", {"x": null}]'],
    ['s', 'string', 'ä]'],
  ])
  const tags = table.children(0, 0, nodes[1]!.start, 1, 10)
  expect(tags).toMatchObject({ total: 2, nodes: [{ key: 1, kind: 'object' }] })
  expect(table.scalar(0, 0, nodes[2]!.start, nodes[2]!.end)).toBe('ä]')
})

test('Arrow batches follow each other, with their nulls', () => {
  const table = new Table([
    { name: 'n', type: 'long' },
    { name: 's', type: 'string' },
    { name: 'b', type: 'bool' },
  ])
  const batches: [(bigint | null)[], (string | null)[], (boolean | null)[]][] = [
    [
      [1n, 2n],
      ['one', 'two'],
      [true, false],
    ],
    [
      [null, -3n],
      ['', null],
      [null, true],
    ],
  ]
  for (const [n, s, b] of batches) {
    const vectors = [
      vectorFromArray(n, new Int64()),
      vectorFromArray(s, new Utf8()),
      vectorFromArray(b, new Bool()),
    ]
    for (const [index, vector] of vectors.entries()) table.columns[index]!.append(vector.data[0]!)
  }
  expect([0, 1, 2, 3].map((row) => [0, 1, 2].map((column) => table.text(row, column)))).toEqual([
    ['1', 'one', 'true'],
    ['2', 'two', 'false'],
    [null, '', null],
    ['-3', null, 'true'],
  ])
})

test('rows are tinted by the column that logs say it in', () => {
  expect(tints('SeverityLevel', 'string', ['err', 'Warning', 'info'])).toEqual(['danger', 'warning', null])
  expect(tints('SeverityLevel', 'int', [3, 2, 1])).toEqual(['danger', 'warning', null])
  expect(tints('Level', 'int', [1, 3, 4])).toEqual(['danger', 'warning', null])
  expect(tints('Computer', 'string', ['error'])).toEqual([null])
})
