import { expect, test } from 'vitest'
import { differencesOf, documentOf, editedOf, printTags, tagsOf, wordsOf } from './changes'

const BASE = {
  'properties.retentionInDays': 30,
  'properties.features.disableLocalAuth': false,
  tags: { a: '1' },
}

test('only what somebody changed is sent', () => {
  const edited = editedOf(BASE, { ...BASE, 'properties.retentionInDays': 60, tags: { a: '1' } })
  expect(documentOf(edited)).toEqual({ properties: { retentionInDays: 60 } })
  expect(
    documentOf(editedOf(BASE, { ...BASE, 'properties.features.disableLocalAuth': true, tags: {} })),
  ).toEqual({
    properties: { features: { disableLocalAuth: true } },
    tags: {},
  })
  expect(editedOf(BASE, BASE)).toEqual({})
})

test('two people disagree only about what both changed', () => {
  const mine = { 'properties.retentionInDays': 60 }
  const other = { ...BASE, tags: { a: '2' } }
  expect(differencesOf(BASE, other, mine)).toEqual([])
  expect(differencesOf(BASE, { ...BASE, 'properties.retentionInDays': 60 }, mine)).toEqual([])
  expect(differencesOf(BASE, { ...BASE, 'properties.retentionInDays': 90 }, mine)).toEqual([
    { path: 'properties.retentionInDays', was: 30, now: 90, mine: 60 },
  ])
})

test('the order of tags is no difference', () => {
  expect(editedOf({ tags: { a: '1', b: '2' } }, { tags: { b: '2', a: '1' } })).toEqual({})
})

test('tags are lines with a name and a value', () => {
  const tags = { team: 'blue', formula: 'a=b', empty: '' }
  expect(tagsOf(printTags(tags))).toEqual(tags)
  expect(tagsOf(' team=blue \n\n empty ')).toEqual({ team: 'blue', empty: '' })
})

test('a list is parted by whatever people type', () => {
  expect(wordsOf(' 10.0.0.0/8, 203.0.113.7\n2001:db8::/32\n')).toEqual([
    '10.0.0.0/8',
    '203.0.113.7',
    '2001:db8::/32',
  ])
  expect(wordsOf('')).toEqual([])
})
