import { describe, expect, it } from 'vitest'
import { blockAt, changeBetween, placeOf } from './spans'

const TEXT = 'let a = 1;\nT\n| take a\n\n  \nU | count\n'

describe('the block at a place', () => {
  it.each([
    [0, 'let a = 1;\nT\n| take a'],
    [15, 'let a = 1;\nT\n| take a'],
    [TEXT.indexOf('  \n'), 'let a = 1;\nT\n| take a'],
    [TEXT.indexOf('U'), 'U | count'],
    [TEXT.length, 'U | count'],
  ])('%i', (position, expected) => {
    const { start, end } = blockAt(TEXT, position)
    expect(TEXT.slice(start, end)).toBe(expected)
  })

  it('is the first one where the cursor is before all of them', () => {
    const { start, end } = blockAt('\n\nT', 0)
    expect('\n\nT'.slice(start, end)).toBe('T')
  })

  it('goes on over an empty line before or behind a pipe', () => {
    for (const text of ['T\n\n| count', 'T |\n\ncount', 'T\n\n| where a\n\n| count']) {
      expect(blockAt(text, 0)).toEqual({ start: 0, end: text.length })
      expect(blockAt(text, text.length)).toEqual({ start: 0, end: text.length })
    }
  })

  it('is empty in an empty text', () => {
    expect(blockAt(' \n', 1)).toEqual({ start: 0, end: 0 })
  })

  it('ends before the carriage return', () => {
    expect(blockAt('T\r\n\r\nU', 0)).toEqual({ start: 0, end: 1 })
  })
})

describe('a change', () => {
  it.each([
    ['T | count', 'T | where a == 1 | count'],
    ['aaa', 'aa'],
    ['', 'x'],
    ['same', 'same'],
    ['abab', 'ab'],
  ])('%s -> %s', (before, after) => {
    const { span, text } = changeBetween(before, after)
    expect(before.slice(0, span.start) + text + before.slice(span.end)).toBe(after)
  })
})

it('counts lines and columns from one', () => {
  expect(placeOf('ab\ncd', 4)).toEqual({ line: 2, column: 2 })
})
