import { expect, test } from 'vitest'
import { activityText, filterText } from './api'
import { textOf } from './change-text'

const NOW = new Date('2026-11-22T12:00:00Z')

test('a filter names its range and only what was chosen', () => {
  const all = { subscription: '', timespan: 'PT1H', status: '', caller: '', operation: '', correlationId: '' }
  const range =
    "eventTimestamp ge '2026-11-22T11:00:00.000Z' and eventTimestamp le '2026-11-22T12:00:00.000Z'"
  expect(filterText(all, NOW)).toBe(range)
  expect(filterText({ ...all, status: 'Failed', correlationId: "it's" }, NOW)).toBe(
    `${range} and status eq 'Failed' and correlationId eq 'it''s'`,
  )
})

test('all time has an end but no beginning', () => {
  const all = { subscription: '', timespan: '', status: '', caller: '', operation: '', correlationId: '' }
  expect(filterText(all, NOW)).toBe("eventTimestamp le '2026-11-22T12:00:00.000Z'")
})

test('the query of the same events quotes what people typed', () => {
  const filter = {
    subscription: 's',
    timespan: '',
    status: '',
    caller: 'a"b',
    operation: '',
    correlationId: '',
  }
  const lines = activityText(filter).split('\n')
  expect(lines.slice(0, 3)).toEqual([
    'AzureActivity',
    '| where SubscriptionId == "s"',
    '| where Caller =~ "a\\"b"',
  ])
})

test('a change has a line for each member that is there, and no secret', () => {
  const members = [
    { path: 'settings.dailyQuotaGb', before: 1, after: 5, isSecret: false },
    { path: 'tags.team', before: null, after: 'a', isSecret: false },
    { path: 'key', before: null, after: null, isSecret: true },
  ]
  const change = { isRecorded: true, members, more: 0 }
  expect(textOf(change, 'before').split('\n')).toHaveLength(2)
  expect(textOf(change, 'after')).toContain('tags.team: "a"')
})
