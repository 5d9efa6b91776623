/** Dashboards of Azure Data Explorer (and Fabric's real-time dashboards): tiles, parameters, base queries, pages. */

import { t } from '@/i18n/en/dash-import'
import { newDashboard, type Item, type Parameter, type Place, type ValueType } from '../document'
import { bottomOf } from '../layout'
import { mentions, tokensOf } from '../tokens'
import {
  durationOf,
  isJson,
  listOf,
  nameOf,
  newReport,
  objectOf,
  placeholder,
  textOf,
  valuesOf,
  type Imported,
  type Json,
  type Report,
} from './report'

export function isAdxDashboard(document: unknown): document is Json {
  return isJson(document) && Array.isArray(document['tiles']) && Array.isArray(document['pages'])
}

export function importAdxDashboard(document: Json): Imported {
  const report = newReport()
  const texts = readTexts(document, report)
  const parameters = listOf(document['parameters']).flatMap((each) => readParameter(each, texts, report))
  const names = new Map(
    listOf(document['parameters']).map((each) => [String(each['id']), String(each['variableName'] ?? '')]),
  )
  const refresh = objectOf(document['autoRefresh'])
  const every = refresh['enabled'] ? durationOf(String(refresh['defaultInterval'] ?? '')) : null
  const base = newDashboard(textOf(document['title']) ?? 'Dashboard')
  const hasRange = parameters.some(({ type }) => type === 'timeRange')
  const sources = listOf(document['dataSources']).map(({ database, name }) => String(database ?? name))
  if (sources.length > 0) report.changed.push(t.sources([...new Set(sources)].join(', ')))
  return {
    dashboard: {
      ...base,
      defaults: { ...base.defaults, ...(every ? { refresh: every } : {}) },
      parameters: [...(hasRange ? [] : base.parameters), ...parameters],
      items: readPages(document, (tile, place) => readTile(tile, place, texts, names, report)),
    },
    report,
  }
}

/** Gives the query of a tile or parameter, with the base queries that it uses; null where it has none. */
type Texts = (owner: Json) => string | null

function readTexts(document: Json, report: Report): Texts {
  const queries = new Map(listOf(document['queries']).map(({ id, text }) => [String(id), String(text ?? '')]))
  const bases = listOf(document['baseQueries']).map(({ id, queryId, variableName }) => ({
    id: String(id),
    name: String(variableName),
    text: queries.get(String(queryId)) ?? '',
  }))
  if (bases.length > 0) report.changed.push(t.base)
  const variables = listOf(document['parameters']).flatMap((each) =>
    ['variableName', 'beginVariableName', 'endVariableName'].flatMap((name) => textOf(each[name]) ?? []),
  )
  const isVariable = new Set([...variables, ...bases.map(({ name }) => name)])
  const plain = (text: string) =>
    text.replace(/\[(['"])(\w+)\1\]/g, (whole, _quote, name: string) => (isVariable.has(name) ? name : whole))

  /** The statements that a text needs before it: base queries may use others. */
  const lets = (text: string, seen: Set<string>): string =>
    bases
      .filter(({ name }) => mentions(tokensOf(text), name) && !seen.has(name))
      .map(({ name, text: base }) => {
        seen.add(name)
        const own = trimEnd(plain(base))
        const cut = own.lastIndexOf(';') + 1
        return `${lets(own, seen)}${own.slice(0, cut)}let ${name} = ${own.slice(cut).trim()};\n`
      })
      .join('')
  return (owner) => {
    const reference = objectOf(owner['queryRef'])
    const base = bases.find(({ id }) => id === reference['baseQueryId'])
    const found = base?.name ?? queries.get(String(reference['queryId'])) ?? textOf(owner['query'])
    if (!found) return null
    const text = trimEnd(plain(found))
    return lets(text, new Set()) + text
  }
}

function trimEnd(text: string): string {
  return text.replace(/[;\s]+$/, '')
}

const TYPES: Readonly<Record<string, ValueType>> = {
  string: 'string',
  int: 'long',
  long: 'long',
  real: 'real',
  decimal: 'real',
  bool: 'bool',
  datetime: 'datetime',
  guid: 'guid',
}

function readParameter(content: Json, texts: Texts, report: Report): Parameter[] {
  const kind = String(content['kind'])
  const label = textOf(content['displayName']) ?? textOf(content['variableName']) ?? kind
  const start = objectOf(content['defaultValue'])
  if (kind === 'duration') {
    const { beginVariableName: from, endVariableName: to } = content
    const length = durationOf(`${String(start['count'] ?? '')}${String(start['unit'] ?? '')}`)
    report.taken.push(t.parameter(label))
    return [
      {
        name: nameOf(label),
        label,
        type: 'timeRange',
        bounds: { from: String(from), to: String(to) },
        ...(length ? { default: [length] } : {}),
      },
    ]
  }
  const valueType = TYPES[kind]
  if (!valueType) {
    report.left.push(t.noParameter(label, kind))
    return []
  }
  report.taken.push(t.parameter(label))
  const source = objectOf(content['dataSource'])
  const chosen = [...valuesOf(start['values']), start['value']].flatMap((value) =>
    value === undefined || value === null ? [] : String(value as string),
  )
  const isAll = Boolean(content['includeAllOption']) || start['kind'] === 'all'
  const common = {
    name: String(content['variableName']),
    label,
    valueType,
    ...(content['selectionType'] === 'array' ? { multi: true } : {}),
    ...(isAll ? { allowAll: true } : {}),
    ...(start['kind'] === 'all' ? { default: ['*'] } : chosen.length > 0 ? { default: chosen } : {}),
  }
  const query = texts(source)
  if (query) {
    const column = textOf(objectOf(source['columns'])['value'])
    const project = column ? `\n| distinct ['${column}']` : ''
    return [{ ...common, type: 'query', query: query + project }]
  }
  const values = listOf(source['values']).map(({ value }) => String(value))
  return [values.length > 0 ? { ...common, type: 'list', values } : { ...common, type: 'text' }]
}

/** The tiles of the pages below each other; of several pages each is a group under its name. */
function readPages(document: Json, read: (tile: Json, place: Place) => Item): Item[] {
  const pages = listOf(document['pages'])
  const tiles = listOf(document['tiles'])
  const items: Item[] = []
  for (const [index, { id, name }] of pages.entries()) {
    const own = tiles.filter(({ pageId }) => pageId === id || (pageId === undefined && index === 0))
    const group = pages.length > 1 ? `page-${index + 1}` : ''
    const top = bottomOf(items)
    if (group)
      items.push({ id: group, kind: 'group', title: String(name), grid: { x: 0, y: top, w: 24, h: 1 } })
    for (const tile of own) {
      const { x, y, width, height } = objectOf(tile['layout'])
      const place = {
        x: Math.min(23, Number(x ?? 0)),
        y: Number(y ?? 0) + top + (group ? 1 : 0),
        w: Math.min(24, Number(width ?? 12)),
        h: Math.max(2, Number(height ?? 8)),
      }
      items.push({ ...read(tile, place), ...(group ? { group } : {}) })
    }
  }
  return items
}

/** Kinds of tiles with what they are here, and their variant. */
const VISUALS: Readonly<Record<string, readonly [kind: string, variant?: string]>> = {
  table: ['table'],
  card: ['card'],
  stat: ['card'],
  multistat: ['card'],
  timechart: ['timechart'],
  line: ['linechart'],
  area: ['areachart'],
  stackedarea: ['stackedareachart'],
  stackedarea100: ['areachart', 'stacked100'],
  column: ['columnchart', 'unstacked'],
  stackedcolumn: ['columnchart', 'stacked'],
  stackedcolumn100: ['columnchart', 'stacked100'],
  bar: ['barchart', 'unstacked'],
  stackedbar: ['barchart', 'stacked'],
  stackedbar100: ['barchart', 'stacked100'],
  pie: ['piechart'],
  scatter: ['scatterchart'],
  anomalychart: ['anomalychart'],
}

function readTile(
  tile: Json,
  grid: Place,
  texts: Texts,
  names: ReadonlyMap<string, string>,
  report: Report,
): Item {
  const type = String(tile['visualType'] ?? 'table')
  const title = textOf(tile['title'])
  const name = title ?? type
  const base = { id: `tile-${crypto.randomUUID().slice(0, 8)}`, grid, ...(title ? { title } : {}) }
  if (type === 'markdownCard') {
    report.taken.push(t.item(name))
    return { ...base, kind: 'markdown', text: String(tile['markdownText'] ?? '') }
  }
  const query = texts(tile)
  if (!query) return placeholder(base, type, name, report)
  const known = VISUALS[type]
  if (known) report.taken.push(t.item(name))
  else report.changed.push(t.asTable(name, type))
  const options = objectOf(tile['visualOptions'])
  const onClick = readClicks(options, names)
  return {
    ...base,
    kind: 'query',
    query,
    visual: {
      ...visualOf(options),
      kind: known?.[0] ?? 'table',
      ...(known?.[1] ? { variant: known[1] } : {}),
    },
    ...(onClick.length > 0 ? { onClick } : {}),
  }
}

/** Members of the options are the value, or an object that says how it was inferred. */
function visualOf(options: Json): Record<string, unknown> {
  const plain = (name: string) => (isJson(options[name]) ? options[name]['value'] : options[name])
  const yColumns = valuesOf(plain('yColumns')).map(String)
  const series = valuesOf(plain('seriesColumns')).map(String)
  const [xColumn, xTitle, yTitle] = [plain('xColumn'), plain('xColumnTitle'), plain('yColumnTitle')].map(
    textOf,
  )
  return {
    ...(xColumn ? { xColumn } : {}),
    ...(yColumns.length > 0 ? { yColumns } : {}),
    ...(series.length > 0 ? { series } : {}),
    ...(xTitle ? { xTitle } : {}),
    ...(yTitle ? { yTitle } : {}),
    ...(plain('hideLegend') === true ? { legend: 'hidden' } : {}),
  }
}

function readClicks(options: Json, names: ReadonlyMap<string, string>): { set: string; from: string }[] {
  return listOf(options['crossFilter']).flatMap(({ property, parameterId, disabled }) => {
    const set = names.get(String(parameterId))
    return set && typeof property === 'string' && property !== '' && !disabled
      ? [{ set, from: property }]
      : []
  })
}
