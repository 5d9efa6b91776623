import { expect, test } from 'vitest'
import {
  durationSeconds,
  formatAge,
  formatSeconds,
  formatTime,
  formatTimespan,
  formatUtc,
  isTimespan,
  parseShortDuration,
  resolveTimespan,
} from './time'

const NOW = new Date('2026-11-22T10:00:00Z')

test.each([
  ['PT15M', 900],
  ['PT24H', 86_400],
  ['P7D', 604_800],
  ['P1DT2H3M4.5S', 93_784.5],
  ['P2W', 1_209_600],
  ['P', null],
  ['PT', null],
  ['P1M', null],
  ['1h', null],
])('the duration %s has %s seconds', (text, seconds) => {
  expect(durationSeconds(text)).toBe(seconds)
})

test.each([
  ['PT15M', 'Last 15 minutes'],
  ['PT1H', 'Last hour'],
  ['PT24H', 'Last 24 hours'],
  ['P7D', 'Last 7 days'],
  ['', 'All time'],
])('the range %s reads %s', (range, words) => {
  expect(formatTimespan(range, 'UTC')).toBe(words)
})

test('two instants are read in the zone', () => {
  const words = formatTimespan('2026-11-22T10:00:00Z/2026-11-22T11:00:00Z', 'Asia/Tokyo')
  expect(words).toContain('19:00:00')
  expect(words).toContain('20:00:00')
})

test.each([
  ['1h', 'PT1H'],
  ['30M', 'PT30M'],
  ['7d', 'P7D'],
  ['2w', 'P14D'],
  ['0d', null],
  ['h', null],
  ['1y', null],
])('%s after t means %s', (text, range) => {
  expect(parseShortDuration(text)).toBe(range)
})

test('a range can be sent when it has a length', () => {
  expect(['PT1H', '', '2026-01-01/2026-01-02'].map(isTimespan)).toEqual([true, true, true])
  expect(['PT0S', 'nonsense', '2026-01-02/2026-01-01', 'x/y'].map(isTimespan)).toEqual([
    false,
    false,
    false,
    false,
  ])
  expect(resolveTimespan('PT1H', NOW).from).toEqual(new Date('2026-11-22T09:00:00Z'))
})

test('ages and lengths are told in words that fit them', () => {
  expect(formatAge(new Date('2026-11-22T09:57:00Z'), NOW)).toBe('3 minutes ago')
  expect(formatAge(new Date('2026-11-24T10:00:00Z'), NOW)).toBe('in 2 days')
  expect([0.3125, 41, 125, 7_500, 90_000].map(formatSeconds)).toEqual([
    '0.31 s',
    '41 s',
    '2 min 5 s',
    '2 h 5 min',
    '1 d 1 h',
  ])
})

test('a time is shown in the zone, and in UTC beside it', () => {
  expect(formatTime(NOW, 'America/New_York')).toContain('05:00:00')
  expect(formatUtc(NOW)).toBe('2026-11-22 10:00:00 UTC')
})
