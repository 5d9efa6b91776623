import { expect, it } from 'vitest'
import { diffLines } from './diff'

it.each([
  ['a\nb\nc', 'a\nc', [' a', '-b', ' c']],
  ['a', 'a\nb', [' a', '+b']],
  ['a\nb', 'x\nb\ny', ['-a', '+x', ' b', '+y']],
  ['same', 'same', [' same']],
])('%j against %j', (before, after, expected) => {
  const signs = { same: ' ', removed: '-', added: '+' }
  expect(diffLines(before, after).map(({ kind, text }) => signs[kind] + text)).toEqual(expected)
})
