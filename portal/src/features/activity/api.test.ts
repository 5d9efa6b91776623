import { expect, test } from 'vitest'
import { filterText } from './api'

const NOW = new Date('2026-11-22T12:00:00Z')

test('a filter names its range and only what was chosen', () => {
  const all = { subscription: '', timespan: 'PT1H', status: '', correlationId: '' }
  const range =
    "eventTimestamp ge '2026-11-22T11:00:00.000Z' and eventTimestamp le '2026-11-22T12:00:00.000Z'"
  expect(filterText(all, NOW)).toBe(range)
  expect(filterText({ ...all, status: 'Failed', correlationId: "it's" }, NOW)).toBe(
    `${range} and status eq 'Failed' and correlationId eq 'it''s'`,
  )
})

test('all time has an end but no beginning', () => {
  const all = { subscription: '', timespan: '', status: '', correlationId: '' }
  expect(filterText(all, NOW)).toBe("eventTimestamp le '2026-11-22T12:00:00.000Z'")
})
