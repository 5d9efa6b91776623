import { expect, test } from 'vitest'
import { csvText, formatBytes, formatShortCount } from './format'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1 KB'],
  [3_140_000_000, '3.14 GB'],
  [1_900_000_000_000, '1.9 TB'],
])('%d bytes read %s', (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words)
})

test('great numbers are shortened', () => {
  expect(formatShortCount(41_000_000)).toBe('41M')
})

test('no cell of a CSV file is a formula, and quotes are doubled', () => {
  const text = csvText([
    ['name', 'value'],
    ['=1+1', -5],
    ['a "b", c', null],
    ['+x', new Date('2026-11-22T10:00:00Z')],
  ])
  expect(text).toBe(`name,value\r\n'=1+1,-5\r\n"a ""b"", c",\r\n'+x,2026-11-22T10:00:00.000Z\r\n`)
})
