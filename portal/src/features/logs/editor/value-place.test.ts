import { describe, expect, it } from 'vitest'
import { valuePlace } from './value-place'

describe('the place of a value', () => {
  it.each([
    ['T | where Computer == ', 'Computer', '', 0],
    ['T | where Computer == "we', 'Computer', '"', 3],
    ["T | where Computer!='", 'Computer', "'", 1],
    ['T | where Computer =~ we', 'Computer', '', 2],
    ["T | where ['a b'] == ", 'a b', '', 0],
    ['T | where Computer has "x', 'Computer', '"', 2],
    ['T | where Computer !contains"', 'Computer', '"', 1],
    ['T | where Computer startswith_cs ', 'Computer', '', 0],
    ['T | where Computer in (', 'Computer', '', 0],
    ['T | where Computer in~ ("a, b", \'c\', "', 'Computer', '"', 1],
    ['T | where Level !in (1, 2, ', 'Level', '', 0],
    ['T | where Computer has_any(\n  "a",\n  ', 'Computer', '', 0],
    ['T | where x == 1 and Level == -', 'Level', '', 1],
  ])('%s', (text, column, mark, length) => {
    expect(valuePlace(text)).toMatchObject({ column, mark, length })
  })

  it.each([
    'T | where ',
    'T | where Computer',
    'T | where Computer = ',
    'T | where Computer == "web-1" ',
    'T | where Computer hasx',
    'T | where Computer in',
    'T | where Computer in ("a" ',
    'T | where strlen(Computer) == ',
    'T | where Count > ',
  ])('is not at the end of %s', (text) => {
    expect(valuePlace(text)).toBeNull()
  })

  it('tells where only texts are compared', () => {
    expect(valuePlace('T | where Level == ')?.isOfText).toBe(false)
    expect(valuePlace('T | where Level =~ ')?.isOfText).toBe(true)
    expect(valuePlace('T | where Level has ')?.isOfText).toBe(true)
    expect(valuePlace('T | where Level in~ (')?.isOfText).toBe(true)
  })
})
