import { expect, it } from 'vitest'
import { otherRanges } from './NoRows'

const NOW = new Date('2026-11-22T10:00:00Z')
const HOURS_AGO = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000)
const tried = (timespan: string | null, latest: Date | null | undefined) =>
  otherRanges({ timespan, startedAt: NOW }, latest).map(({ range, isWider }) =>
    isWider ? range : `~${range}`,
  )

it.each([
  ['PT24H', undefined, ['P7D', 'P30D', '']],
  ['PT24H', HOURS_AGO(24 * 20), ['P30D', '']],
  ['PT24H', HOURS_AGO(1), ['P7D', 'P30D', '']],
  ['PT24H', null, []],
  [null, HOURS_AGO(1), []],
  ['2020-01-01T00:00:00Z/2020-01-02T00:00:00Z', HOURS_AGO(48), ['~P7D', '~P30D', '']],
])('other ranges than %j, the last record at %s', (timespan, latest, expected) => {
  expect(tried(timespan, latest)).toEqual(expected)
})
