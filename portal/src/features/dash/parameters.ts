/** Parameters of a dashboard: their values in the address, and how queries get them: as typed values, never as text. */

import { quote } from '@/lib/kql-literal'
import { durationSeconds } from '@/lib/time'
import type { Dashboard, Item, Parameter, ValueType } from './document'
import { dropPredicates, mentions, tokensOf, type Token } from './tokens'

/** The chosen values by parameter; `*` alone stands for all. */
export type Values = Readonly<Record<string, readonly string[]>>

export const ALL = '*'

export interface BoundQuery {
  readonly query: string
  /** What keeps it from being run, in words. */
  readonly problems: readonly string[]
}

/**
 * The query with the parameters that it names declared before it. `known` are the values that a parameter can have, for
 * the places where all of them are meant and no predicate can be left out.
 */
export function bindQuery(
  query: string,
  parameters: readonly Parameter[],
  values: Values,
  known: Values = {},
): BoundQuery {
  const named = parameters.filter(({ name, type }) => type !== 'timeRange' && mentions(tokensOf(query), name))
  const free = named.filter((parameter) => isAll(parameter, values[parameter.name] ?? []))
  const relaxed = dropPredicates(
    query,
    free.map(({ name }) => name),
  )
  const rest = tokensOf(relaxed)
  const declared: string[] = []
  const problems: string[] = []
  for (const parameter of named.filter(({ name }) => mentions(rest, name))) {
    const chosen = isAll(parameter, values[parameter.name] ?? [])
      ? (known[parameter.name] ?? [])
      : (values[parameter.name] ?? [])
    const bound = declare(parameter, chosen)
    if ('problem' in bound) problems.push(bound.problem)
    else declared.push(bound.text)
  }
  const head = declared.length > 0 ? `declare query_parameters(${declared.join(', ')});\n` : ''
  const ranges = parameters.flatMap((parameter) => boundsOf(parameter, rest, values))
  return { query: head + ranges.join('') + relaxed, problems }
}

/** The ends of a range as the query names them. A relative one stays relative: the same text asks anew. */
function boundsOf({ name, bounds }: Parameter, tokens: readonly Token[], values: Values): string[] {
  if (!bounds) return []
  const [from, to] = endsOf(values[name]?.[0] ?? '')
  return [
    ...(mentions(tokens, bounds.from) ? [`let ${bounds.from} = ${from};\n`] : []),
    ...(mentions(tokens, bounds.to) ? [`let ${bounds.to} = ${to};\n`] : []),
  ]
}

function endsOf(range: string): readonly [from: string, to: string] {
  const seconds = durationSeconds(range)
  if (seconds !== null) return [`ago(${seconds}s)`, 'now()']
  const [from, to] = range.split('/').map((text) => Date.parse(text))
  if (!from || !to) return ['datetime(1970-01-01)', 'now()']
  return [`datetime(${new Date(from).toISOString()})`, `datetime(${new Date(to).toISOString()})`]
}

function isAll(parameter: Parameter, values: readonly string[]): boolean {
  return Boolean(parameter.allowAll) && values.length === 1 && values[0] === ALL
}

function declare(
  { name, label, multi, valueType = 'string' }: Parameter,
  values: readonly string[],
): { readonly text: string } | { readonly problem: string } {
  const called = label ?? name
  if (!multi && values.length !== 1) return { problem: `Choose a value for ${called}.` }
  const wrong = values.find((value) => !FORMS[valueType].test(value))
  if (wrong !== undefined)
    return { problem: `${JSON.stringify(wrong)} is no ${valueType}, as ${called} must be.` }
  if (!multi) return { text: `${name}:${valueType} = ${literal(values[0] ?? '', valueType)}` }
  const isText = valueType === 'string' || valueType === 'datetime' || valueType === 'guid'
  const list = values.map((value) => (isText ? quote(value) : value.toLowerCase()))
  return { text: `${name}:dynamic = dynamic([${list.join(',')}])` }
}

const FORMS: Readonly<Record<ValueType, RegExp>> = {
  string: /^[^]*$/,
  long: /^-?\d{1,19}$/,
  real: /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/,
  bool: /^(true|false)$/i,
  datetime: /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,7})?)?Z?)?$/,
  guid: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
}

function literal(value: string, type: ValueType): string {
  if (type === 'string') return quote(value)
  return `${type}(${value})`
}

/** A parameter's values as the address has them: parted by commas, a comma of a value behind a backslash. */
export function writeValues(values: readonly string[]): string {
  return values.map((value) => value.replace(/[\\,]/g, (sign) => `\\${sign}`)).join(',')
}

export function readValues(text: string): string[] {
  if (text === '') return []
  const values = ['']
  for (const [sign] of text.matchAll(/\\[^]|[^]/g)) {
    if (sign === ',') values.push('')
    else values[values.length - 1] += sign.length > 1 ? sign.slice(1) : sign
  }
  return values
}

/** What is chosen: from the address, else what the parameter says, else nothing. */
export function chosenValues(dashboard: Dashboard, search: Readonly<Record<string, string>>): Values {
  return Object.fromEntries(
    dashboard.parameters.map((parameter) => {
      const text = search[`p.${parameter.name}`]
      return [
        parameter.name,
        text === undefined || text === '' ? defaultOf(parameter, dashboard) : readValues(text),
      ]
    }),
  )
}

function defaultOf(parameter: Parameter, dashboard: Dashboard): readonly string[] {
  if (parameter.type === 'timeRange') return parameter.default ?? [dashboard.defaults.timeRange]
  if (parameter.default) return parameter.default
  if (parameter.allowAll) return [ALL]
  return parameter.type === 'list' && !parameter.multi ? (parameter.values ?? []).slice(0, 1) : []
}

/** The range of an item: its own, that of the parameter it names, or the dashboard's. */
export function timeRangeOf(
  item: { readonly timeRange?: string },
  dashboard: Dashboard,
  values: Values,
): string {
  const own = item.timeRange ?? ''
  if (own.startsWith('$')) return values[own.slice(1)]?.[0] ?? dashboard.defaults.timeRange
  if (own !== '') return own
  const first = dashboard.parameters.find(({ type }) => type === 'timeRange')
  return (first && values[first.name]?.[0]) ?? dashboard.defaults.timeRange
}

/** Whether the item is shown with these values. */
export function isShown(item: Item, values: Values): boolean {
  if (!item.showWhen) return true
  const { param, equals, notEquals } = item.showWhen
  const chosen = values[param] ?? []
  if (equals !== undefined) return chosen.includes(equals)
  return notEquals === undefined ? chosen.length > 0 : !chosen.includes(notEquals)
}
