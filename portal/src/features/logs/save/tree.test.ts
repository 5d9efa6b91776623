import { expect, it } from 'vitest'
import { groupItems, itemOfPack, itemOfSearch } from './tree'

const search = (displayName: string, category: string, query: string, more = {}) =>
  itemOfSearch({
    id: displayName,
    name: displayName,
    type: '',
    properties: { displayName, category, query, ...more },
  })

const ITEMS = [
  search('Errors', 'B', 'Syslog | where x'),
  search('Beats', 'A', 'Heartbeat', { functionAlias: 'Beats', functionParameters: 'h:string' }),
  search('Alerts', 'B', 'Alert', { tags: [{ name: 'Tag', value: 'night' }] }),
  itemOfPack({
    id: 'q',
    name: 'q',
    type: '',
    packName: 'Team',
    properties: { displayName: 'Disk', body: 'Perf' },
  }),
]

it.each([
  [
    '',
    [
      ['A', 'Beats'],
      ['B', 'Alerts', 'Errors'],
      ['Team', 'Disk'],
    ],
  ],
  ['syslog', [['B', 'Errors']]],
  ['NIGHT', [['B', 'Alerts']]],
  ['team', [['Team', 'Disk']]],
  ['nothing', []],
])('what has %j', (words, expected) => {
  expect(
    groupItems(ITEMS, words).map(({ name, items }) => [name].concat(items.map((item) => item.name))),
  ).toEqual(expected)
})

it('tells functions by their alias', () => {
  expect(ITEMS[1]).toMatchObject({ kind: 'function', call: 'Beats(h:string)' })
})
