import { describe, expect, it } from 'vitest'
import { diffLines, foldSame } from './diff'

const SIGNS = { same: ' ', removed: '-', added: '+' }

describe('lines', () => {
  it.each([
    ['a\nb\nc', 'a\nc', [' a', '-b', ' c']],
    ['a', 'a\nb', [' a', '+b']],
    ['a\nb', 'x\nb\ny', ['-a', '+x', ' b', '+y']],
    ['same', 'same', [' same']],
    ['a\na', 'a', [' a', '-a']],
    ['a\nb\nc\nd\ne', 'a\nc\nb\nd\nf\ne', [' a', '-b', ' c', '+b', ' d', '+f', ' e']],
  ])('%j against %j', (before, after, expected) => {
    expect(diffLines(before, after).map(({ kind, text }) => SIGNS[kind] + text)).toEqual(expected)
  })

  it('takes long texts that have little in common', () => {
    const text = (letter: string) => Array.from({ length: 3000 }, (_, line) => `${letter}${line}`).join('\n')
    const kinds = diffLines(`head\n${text('a')}\ntail`, `head\n${text('b')}\ntail`).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'same')).toHaveLength(2)
    expect(kinds).toHaveLength(6002)
  })
})

describe('folding', () => {
  const fold = (before: string, after: string) =>
    foldSame(diffLines(before, after), 1).map((line) =>
      line.kind === 'gap' ? `..${line.count}` : SIGNS[line.kind] + line.text,
    )

  it.each([
    ['1\n2\n3\n4\n5', '1\n2\nx\n4\n5', [' 1', ' 2', '-3', '+x', ' 4', ' 5']],
    ['1\n2\n3\n4', '1\n2\n3\nx', ['..2', ' 3', '-4', '+x']],
    ['1\n2\n3\n4', 'x\n2\n3\n4', ['-1', '+x', ' 2', '..2']],
    ['1\n2\n3\n4\n5\n6', 'x\n2\n3\n4\n5\ny', ['-1', '+x', ' 2', '..2', ' 5', '-6', '+y']],
    ['1\n2\n3', '1\n2\n3', ['..3']],
  ])('%j against %j', (before, after, expected) => {
    expect(fold(before, after)).toEqual(expected)
  })
})
