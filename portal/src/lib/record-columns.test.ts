import { expect, test } from 'vitest'
import { columnsOf } from './record-columns'

test('each column has the narrowest type that holds all its values', () => {
  const records = [
    { At: '2026-11-22T10:00:00Z', N: 1, Big: 1, Share: 1, Ok: true, Who: 'ann', Bag: { a: 1 }, Mixed: 1 },
    {
      N: 2,
      Big: 5_000_000_000,
      Share: 0.5,
      Id: '7a42ff8f-9b55-4887-a81c-000000000000',
      Mixed: 'x',
      None: null,
    },
  ]
  expect(columnsOf(JSON.stringify(records)).map(({ name, type }) => `${name}:${type}`)).toEqual([
    'TimeGenerated:datetime',
    'At:datetime',
    'N:int',
    'Big:long',
    'Share:real',
    'Ok:boolean',
    'Who:string',
    'Bag:dynamic',
    'Mixed:string',
    'Id:guid',
  ])
})

test('what is no record is refused', () => {
  expect(() => columnsOf('{"a":')).toThrow(SyntaxError)
  expect(() => columnsOf('[1]')).toThrow(TypeError)
  expect(() => columnsOf('null')).toThrow(TypeError)
})
