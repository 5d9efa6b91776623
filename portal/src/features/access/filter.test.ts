import { describe, expect, it } from 'vitest'
import { conditionOf, familyOf, placeOfFault, type FilterRow } from './filter'

const COMPUTER: FilterRow = { column: 'Computer', family: 'String', relation: 'StartsWith', values: ['web-'] }
const RECORD = '@Resource[Microsoft.OperationalInsights/workspaces/tables/record:'

describe('conditionOf', () => {
  it('limits reading and nothing else', () => {
    expect(conditionOf('Syslog', [COMPUTER])).toBe(
      "(!(ActionMatches{'Microsoft.OperationalInsights/workspaces/tables/data/read'})) OR " +
        "(@Resource[Microsoft.OperationalInsights/workspaces/tables:name] StringEquals 'Syslog' AND " +
        `${RECORD}Computer] StringStartsWith 'web-')`,
    )
  })
  it('takes any of several values, or none of them', () => {
    const several = { ...COMPUTER, relation: 'Equals', values: ["o'neil", 'b\\c'] }
    expect(conditionOf('', [several])).toContain(
      String.raw`ForAnyOfAnyValues:StringEquals {'o\'neil', 'b\\c'}`,
    )
    expect(conditionOf('', [{ ...several, relation: 'NotEquals' }])).toContain(
      'ForAllOfAllValues:StringNotEquals',
    )
  })
  it('writes numbers bare and leaves out what is not complete', () => {
    const number: FilterRow = { column: 'N', family: 'Numeric', relation: 'LessThan', values: ['3'] }
    expect(conditionOf('', [number, { ...COMPUTER, values: [] }])).toContain(`${RECORD}N] NumericLessThan 3)`)
    expect(conditionOf('', [])).toBe('')
  })
  it('knows which types can be compared', () => {
    expect([familyOf('long'), familyOf('boolean'), familyOf('dynamic')]).toEqual([
      'Numeric',
      'Bool',
      undefined,
    ])
  })
})

describe('placeOfFault', () => {
  it('counts lines and characters from 1', () => {
    expect(placeOfFault('The condition is wrong at line 2, character 3: no.', 'ab\ncdef')).toBe(5)
    expect(placeOfFault('It is wrong.', 'ab')).toBeUndefined()
  })
})
