import { expect, it } from 'vitest'
import { allMatches } from './matches'

it.each([
  ['T | take 10', 'T'],
  ['T | where A == 1 | sort by B desc | take 5', 'T | where A == 1'],
  ['T | top 5 by TimeGenerated desc', 'T'],
  ['T | take 10 | where A == 1', 'T | take 10 | where A == 1'],
  ['T', 'T'],
])('%j -> %j', (query, expected) => {
  expect(allMatches(query)).toBe(expected)
})
