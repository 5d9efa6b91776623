import { expect, it } from 'vitest'
import { placeInText } from './place'

const TEXT = 'let a = 1;\n\nprint 0\n\nT | where b == a'
const RUN = {
  query: 'let a = 1;\nT | where b == a',
  parts: [
    { start: 0, end: 9, textStart: 0 },
    { start: 21, end: 37, textStart: 11 },
  ],
}
const found = (text: string, what: string) => {
  const start = RUN.query.indexOf(what)
  const place = placeInText(RUN, { start, end: start + what.length }, text)
  return place && text.slice(place.start, place.end)
}

it('finds what was run where it stood, and where it moved to', () => {
  expect(found(TEXT, 'b == a')).toBe('b == a')
  expect(found(TEXT, 'a = 1')).toBe('a = 1')
  expect(found(`// more before it\n${TEXT}`, 'b == a')).toBe('b == a')
})

it('finds nothing where the statement was changed', () => {
  expect(found(TEXT.replace('where', 'filter'), 'b == a')).toBeNull()
})
