import { expect, test } from 'vitest'
import { ownPath, parseSearch, stringifySearch } from './url-state'

test('what is in the query string stays a text', () => {
  expect(parseSearch('?sel=123&on=true&q=a+b')).toEqual({ sel: '123', on: 'true', q: 'a b' })
  expect(stringifySearch({ sel: '123', none: '', gone: undefined })).toBe('?sel=123')
  expect(stringifySearch({})).toBe('')
})

test.each([
  ['/t/contoso.com/w/1/logs?tab=2#q=x', '/t/contoso.com/w/1/logs?tab=2#q=x'],
  ['//elsewhere.example/', '/'],
  ['/\\elsewhere.example/', '/'],
  ['https://elsewhere.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['/signin?next=/me', '/'],
  [undefined, '/'],
])('from %s one is sent to %s', (asked, path) => {
  expect(ownPath(asked)).toBe(path)
})
