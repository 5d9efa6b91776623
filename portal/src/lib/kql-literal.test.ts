import { expect, test } from 'vitest'
import { literalOf, quote } from './kql-literal'

test('a text stands between quotes, with escapes for what ends or breaks it', () => {
  expect(quote('web-1')).toBe('"web-1"')
  expect(quote('a"b\'c')).toBe('"a\\"b\'c"')
  expect(quote('a"b\'c', "'")).toBe("'a\"b\\'c'")
  expect(quote('C:\\x\n\t\u0001\u2028')).toBe('"C:\\\\x\\n\\t\\u0001\\u2028"')
})

test('other values are said with their type where it would not show', () => {
  expect(literalOf('5', 'long')).toBe('5')
  expect(literalOf('-5', 'long')).toBe('long(-5)')
  expect(literalOf(null, 'guid')).toBe('guid(null)')
  expect(literalOf('true', 'bool')).toBe('true')
})
