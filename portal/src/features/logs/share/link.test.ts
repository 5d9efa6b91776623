import { expect, it } from 'vitest'
import { sharedRange } from './link'

const NOW = new Date('2026-11-22T10:00:00Z')

it.each([
  ['PT1H', true, 'PT1H'],
  ['PT1H', false, '2026-11-22T09:00:00.000Z/2026-11-22T10:00:00.000Z'],
  ['', false, ''],
  [
    '2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z',
    false,
    '2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z',
  ],
])('the range %j, relative %s', (timespan, isRelative, shared) => {
  expect(sharedRange(timespan, isRelative, NOW)).toBe(shared)
})
