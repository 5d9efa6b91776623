import { expect, it } from 'vitest'
import { rank } from './differences'
import { choose, comparable, countsQuery, distinctQuery, patternsQuery } from './questions'

const column = (name: string, type = 'string') => ({ name, type })
const PART = { from: new Date('2026-01-01T10:00:00Z'), to: new Date('2026-01-01T11:00:00Z') }
const QUERY = "let a = 'x';\nT | where b == a | take 5;"

it('asks for columns that can have few values, and takes those that do', () => {
  const columns = [column('A'), column('At', 'datetime'), column('B', 'bool'), column("it's")]
  const asked = comparable(columns)
  expect(asked.map(({ name }) => name)).toEqual(['A', 'B', "it's"])
  expect(distinctQuery(QUERY, asked)).toBe(
    "let a = 'x';\nT | where b == a\n| summarize N0 = dcount(A), N1 = dcount(B), N2 = dcount(['it\\'s'])",
  )
  expect(choose(asked, [50, 1, 51]).map(({ name }) => name)).toEqual(['A'])
})

it('counts each part by each column, and can be kept as one pattern query', () => {
  const line =
    "| extend Part = iff(TimeGenerated >= datetime(2026-01-01T10:00:00.000Z) and TimeGenerated < datetime(2026-01-01T11:00:00.000Z), 'picked', 'rest')"
  expect(countsQuery('T', PART, [column('A')]).split('\n')).toEqual([
    'T',
    line,
    '| fork',
    "    (summarize Picked = countif(Part == 'picked'), Rest = countif(Part == 'rest') by Value = tostring(A))",
  ])
  expect(patternsQuery('T', PART, [column('A'), column('B c')])).toContain(
    `T\n${line}\n| project Part, A, ['B c']\n`,
  )
})

it('puts the column first that differs most, and its values likewise', () => {
  const same = [
    { value: 'a', picked: 5, rest: 50 },
    { value: 'b', picked: 5, rest: 50 },
  ]
  const other = [
    { value: 'x', picked: 10, rest: 25 },
    { value: 'y', picked: 0, rest: 75 },
  ]
  const ranked = rank([
    { column: column('Same'), counts: same },
    { column: column('Other'), counts: other },
    { column: column('Nothing'), counts: [{ value: '', picked: 0, rest: 9 }] },
  ])
  expect(ranked.map((one) => [one.column.name, one.distance])).toEqual([
    ['Other', 0.75],
    ['Same', 0],
  ])
  expect(ranked[0]?.values[0]).toMatchObject({ value: 'x', pickedShare: 1, restShare: 0.25 })
})
