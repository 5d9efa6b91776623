/** Conditions on records, made of rows of an editor: Azure's format, version 2.0. */

const READ = 'Microsoft.OperationalInsights/workspaces/tables/data/read'
const NAME = '@Resource[Microsoft.OperationalInsights/workspaces/tables:name]'

export type Family = 'String' | 'Numeric' | 'DateTime' | 'Bool' | 'Guid'

const FAMILIES: Readonly<Record<string, Family>> = {
  string: 'String',
  int: 'Numeric',
  long: 'Numeric',
  real: 'Numeric',
  datetime: 'DateTime',
  boolean: 'Bool',
  bool: 'Bool',
  guid: 'Guid',
}

/** How a column of a type can be compared; undefined where it can't. */
export function familyOf(type: string): Family | undefined {
  return FAMILIES[type.toLowerCase()]
}

const ORDERING = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals']
const RELATIONS: Record<Family, readonly string[]> = {
  String: [
    'Equals',
    'NotEquals',
    'StartsWith',
    'NotStartsWith',
    'Like',
    'NotLike',
    'EqualsIgnoreCase',
    'StartsWithIgnoreCase',
  ],
  Numeric: ORDERING,
  DateTime: ORDERING,
  Bool: ['Equals', 'NotEquals'],
  Guid: ['Equals', 'NotEquals'],
}

export function relationsOf(family: Family): readonly string[] {
  return RELATIONS[family]
}

/** One comparison of a column with one value, or with several of which any will do (none, where it is negated). */
export interface FilterRow {
  readonly column: string
  readonly family: Family
  readonly relation: string
  readonly values: readonly string[]
}

/** The condition that lets a role read only such records, and of a table only where one is named; empty for no limit. */
export function conditionOf(table: string, rows: readonly FilterRow[]): string {
  const complete = rows.filter((row) => row.column !== '' && row.values.length > 0)
  const parts = [
    ...(table === '' ? [] : [`${NAME} StringEquals ${quote(table)}`]),
    ...complete.map(comparisonOf),
  ]
  // The first part lets the role do all that is no reading of records.
  return parts.length === 0 ? '' : `(!(ActionMatches{'${READ}'})) OR (${parts.join(' AND ')})`
}

function comparisonOf({ column, family, relation, values }: FilterRow): string {
  const attribute = `@Resource[Microsoft.OperationalInsights/workspaces/tables/record:${column}]`
  const written = values.map((value) => valueOf(family, value))
  if (written.length === 1) return `${attribute} ${family}${relation} ${written[0]}`
  const quantifier = relation.startsWith('Not') ? 'ForAllOfAllValues' : 'ForAnyOfAnyValues'
  return `${attribute} ${quantifier}:${family}${relation} {${written.join(', ')}}`
}

function valueOf(family: Family, value: string): string {
  return family === 'Numeric' || family === 'Bool' ? value : quote(value)
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`)}'`
}

/** The place in a text that a refusal names by line and character; undefined where it names none. */
export function placeOfFault(message: string, text: string): number | undefined {
  const found = /line (\d+), character (\d+)/.exec(message)
  if (!found) return undefined
  const before = text.split('\n').slice(0, Number(found[1]) - 1)
  return before.reduce((sum, line) => sum + line.length + 1, 0) + Number(found[2]) - 1
}
