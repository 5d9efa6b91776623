import { allMatches } from '../results/matches'
import type { RunColumn } from '../run/state'
import { queryName } from '../schema/search'

/** A part of the time that a query asks about, from its first moment to the one after its last. */
export interface TimePart {
  readonly from: Date
  readonly to: Date
}

const COMPARED_TYPES = new Set(['string', 'bool', 'int', 'long', 'guid'])
const MOST_ASKED = 60
const MOST_COMPARED = 24
/** Columns with more values tell rows apart, not kinds of rows. */
const MOST_VALUES = 50

/** Columns whose values can be few. */
export function comparable(columns: readonly RunColumn[]): RunColumn[] {
  return columns.filter(({ type }) => COMPARED_TYPES.has(type)).slice(0, MOST_ASKED)
}

/** Asks how many values each column has: one number a column, in their order. */
export function distinctQuery(query: string, columns: readonly RunColumn[]): string {
  const counts = columns.map(({ name }, index) => `N${index} = dcount(${queryName(name)})`)
  return `${bodyOf(query)}\n| summarize ${counts.join(', ')}`
}

/** Of the columns those that have some values, but not many. */
export function choose(columns: readonly RunColumn[], distinct: readonly unknown[]): RunColumn[] {
  return columns
    .filter((_, index) => Number(distinct[index]) > 1 && Number(distinct[index]) <= MOST_VALUES)
    .slice(0, MOST_COMPARED)
}

/** Counts the picked rows and the rest by each value of each column: a table a column, in their order. */
export function countsQuery(query: string, part: TimePart, columns: readonly RunColumn[]): string {
  const branches = columns.map(
    ({ name }) =>
      `(summarize Picked = countif(Part == 'picked'), Rest = countif(Part == 'rest') by Value = tostring(${queryName(name)}))`,
  )
  return `${bodyOf(query)}\n${partLine(part)}\n| fork\n    ${branches.join('\n    ')}`
}

/** The same question as KQL that one can keep: patterns of values which are more frequent in one part. */
export function patternsQuery(query: string, part: TimePart, columns: readonly RunColumn[]): string {
  const names = columns.map(({ name }) => queryName(name))
  const lines = [
    bodyOf(query),
    partLine(part),
    `| project ${['Part', ...names].join(', ')}`,
    "| evaluate diffpatterns(Part, 'picked', 'rest')",
  ]
  return lines.join('\n')
}

function bodyOf(query: string): string {
  return allMatches(query).replace(/;\s*$/, '')
}

function partLine({ from, to }: TimePart): string {
  const [first, last] = [from.toISOString(), to.toISOString()]
  return `| extend Part = iff(TimeGenerated >= datetime(${first}) and TimeGenerated < datetime(${last}), 'picked', 'rest')`
}
