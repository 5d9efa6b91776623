import { expect, it } from 'vitest'
import { filtersTime } from './statement'

it.each([
  ['T | where TimeGenerated > ago(1h)', true],
  ['T | where TimeGenerated between (ago(2h) .. ago(1h))', true],
  ['T | where ago(1h) < TimeGenerated', true],
  ['T | where TimeGenerated>=datetime(2026-01-01)', true],
  ['T | summarize count() by bin(TimeGenerated, 1h)', false],
  ['T | sort by TimeGenerated desc', false],
  ['T // where TimeGenerated > ago(1h)', false],
  ["T | where A == 'TimeGenerated > 1'", false],
  ['T | where A == "\\"TimeGenerated > 1"', false],
])('whether the time is set in %j: %s', (query, expected) => {
  expect(filtersTime(query)).toBe(expected)
})
