import { expect, it } from 'vitest'
import { renderLengthAt, withRender } from './render-line'

it.each([
  ['T', null, 'T'],
  ['T\n', 'render card', 'T\n| render card\n'],
  ['T | render timechart', null, 'T'],
  ["T\n| render piechart with (title='a | b)')", 'render card', 'T\n| render card'],
  ['T | render timechart | take 5', null, 'T | render timechart | take 5'],
])('%j drawn as %j', (query, line, expected) => {
  expect(withRender(query, line)).toBe(expected)
})

it('finds the line behind a query', () => {
  expect(renderLengthAt('T\n| render card\n\nU', 1)).toBe('\n| render card'.length)
  expect(renderLengthAt('T\n| take 5', 1)).toBe(0)
})
