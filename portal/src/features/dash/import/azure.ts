/** Azure workbooks as dashboards: what is known becomes ours, the rest is kept and shown by its name. */

import { t } from '@/i18n/en/dash-import'
import { COLUMNS, newDashboard, type Item, type Parameter } from '../document'
import { placeItems } from '../layout'
import {
  isJson,
  listOf,
  mapTexts,
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

const TEXT = 1
const QUERY = 3
const PARAMETERS = 9
const METRIC = 10
const LINKS = 11
const GROUP = 12

export function isAzureWorkbook(document: unknown): document is Json {
  return isJson(document) && String(document['version'] ?? '').startsWith('Notebook/')
}

/** What reading gathers beside the items. */
interface Reading {
  readonly parameters: Parameter[]
  readonly report: Report
  /** Of queries, in columns: where one takes less than all of them, they stand beside each other. */
  readonly widths: Map<string, number>
}

export function importAzureWorkbook(document: Json, title: string): Imported {
  const reading: Reading = { parameters: [], report: newReport(), widths: new Map() }
  const items = listOf(document['items']).flatMap((item) => readItem(item, '', reading))
  const isBeside = [...reading.widths.values()].some((width) => width < COLUMNS)
  const base = newDashboard(title, isBeside ? 'grid' : 'flow')
  const { parameters } = reading
  const named = new Set(parameters.map(({ name }) => name))
  const timeRange = parameters.some(({ type }) => type === 'timeRange') ? [] : base.parameters
  return {
    dashboard: {
      ...base,
      parameters: [...timeRange.filter(({ name }) => !named.has(name)), ...parameters],
      items: placeItems(items, isBeside ? reading.widths : undefined),
      'x-azure': { ...document },
    },
    report: reading.report,
  }
}

function readItem(item: Json, group: string, reading: Reading): Item[] {
  const content = objectOf(item['content'])
  const name = textOf(item['name']) ?? `item ${reading.parameters.length}`
  const id = `a-${crypto.randomUUID().slice(0, 8)}`
  const base = {
    id,
    ...(group ? { group } : {}),
    ...showWhen(item, name, reading.report),
    ...(textOf(content['title']) ? { title: String(content['title']) } : {}),
  }
  const report = reading.report
  switch (Number(item['type'])) {
    case TEXT:
      report.taken.push(t.item(name))
      return [{ ...base, kind: 'markdown', text: String(content['json'] ?? '') }]
    case QUERY:
      reading.widths.set(id, widthOf(item))
      return [readQuery(content, base, name, report)]
    case PARAMETERS: {
      const read = listOf(content['parameters']).map((each) => readParameter(each, report))
      reading.parameters.push(...read)
      return [{ ...base, kind: 'parameters', names: read.map((each) => each.name) }]
    }
    case LINKS:
      return [readLinks(content, base, name, reading)]
    case GROUP: {
      const inner = listOf(content['items']).flatMap((each) => readItem(each, id, reading))
      if (inner.length === 0) return [placeholder(base, 'group', name, report)]
      return [{ ...base, kind: 'group', title: String(content['title'] ?? item['title'] ?? name) }, ...inner]
    }
    case METRIC:
      return [placeholder(base, 'metric', name, report)]
    default:
      return [placeholder(base, `type ${String(item['type'])}`, name, report)]
  }
}

const WHOLE = 100

function widthOf({ customWidth }: Json): number {
  const share = Number(customWidth ?? WHOLE)
  return share > 0 && share < WHOLE ? Math.max(2, Math.round((COLUMNS * share) / WHOLE)) : COLUMNS
}

const LOGS = 0
const DURATION = 1000

function readQuery(content: Json, base: Pick<Item, 'id'>, name: string, report: Report): Item {
  if (Number(content['queryType'] ?? LOGS) !== LOGS)
    return placeholder(base, 'query of another source', name, report)
  const context = isJson(content['timeContext']) ? Number(content['timeContext']['durationMs'] ?? 0) : 0
  const named = textOf(content['timeContextFromParameter'])
  const asked = String(content['visualization'] ?? 'table')
  const kind = VISUALS[asked]
  const range = named
    ? { timeRange: `$${named}` }
    : context > 0
      ? { timeRange: `PT${Math.round(context / DURATION)}S` }
      : {}
  if (kind) report.taken.push(t.item(name))
  else report.changed.push(t.asTable(name, asked))
  return {
    ...base,
    kind: 'query',
    query: bindText(String(content['query'] ?? ''), report, name),
    visual: { kind: kind ?? 'table' },
    ...range,
  }
}

const VISUALS: Readonly<Record<string, string>> = {
  table: 'table',
  timechart: 'timechart',
  linechart: 'linechart',
  areachart: 'areachart',
  barchart: 'barchart',
  categoricalbar: 'columnchart',
  unstackedbar: 'columnchart',
  scatterchart: 'scatterchart',
  piechart: 'piechart',
  tiles: 'card',
  stat: 'card',
  graph: 'graph',
}

/**
 * Azure puts values into the text; here they are bound, so that `'{Host}'` and `{Host}` become the name alone, and
 * `{Range:start}` and `{Range:end}` the ends of a range.
 */
function bindText(text: string, report: Report, name: string): string {
  const unknown = new Set<string>()
  const bind = (part: string) =>
    part.replace(/\{(\w+)(?::(\w+))?\}/g, (whole, parameter: string, format: string | undefined) => {
      if (format === undefined || format === 'value') return parameter
      if (format === 'start' || format === 'end')
        return boundsOf(parameter)[format === 'start' ? 'from' : 'to']
      unknown.add(whole)
      return whole
    })
  const bound = mapTexts(
    text,
    (inner, whole) => {
      if (/^\{\w+(:value)?\}$/.test(inner)) return bind(inner)
      if (/\{\w+(:\w+)?\}/.test(inner)) unknown.add(whole)
      return whole
    },
    bind,
  )
  if (unknown.size > 0) report.changed.push(t.formats(name, [...unknown].join(', ')))
  return bound
}

/** What the ends of a range are called in queries. */
function boundsOf(name: string): { from: string; to: string } {
  return { from: `${name}Start`, to: `${name}End` }
}

const TIME_RANGE = 4
const TYPES: Readonly<Record<number, Parameter['type']>> = { 1: 'text', 2: 'list', [TIME_RANGE]: 'timeRange' }

function readParameter(content: Json, report: Report): Parameter {
  const name = nameOf(String(content['name'] ?? 'Parameter'))
  const type = TYPES[Number(content['type'])]
  const label = textOf(content['label'])
  const base = { name, ...(label ? { label } : {}) }
  if (!type) {
    report.changed.push(t.asText(name))
    return { ...base, type: 'text' }
  }
  report.taken.push(t.parameter(name))
  const value = content['value']
  if (type === 'timeRange') {
    const length = isJson(value) ? Number(value['durationMs'] ?? 0) : 0
    const start = length > 0 ? { default: [`PT${Math.round(length / DURATION)}S`] } : {}
    return { ...base, type, bounds: boundsOf(name), ...start }
  }
  const chosen = Array.isArray(value) ? value.map(String) : textOf(value) ? [String(value)] : null
  const isAll = chosen?.length === 1 && chosen[0] === 'value::all'
  const common = {
    ...base,
    ...(content['multiSelect'] ? { multi: true } : {}),
    ...(isAll ? { allowAll: true, default: ['*'] } : chosen ? { default: chosen } : {}),
  }
  const query = textOf(content['query'])
  if (type === 'list' && query) return { ...common, type: 'query', query: bindText(query, report, name) }
  return type === 'list' ? { ...common, type, values: readChoices(content['jsonData']) } : { ...common, type }
}

function readChoices(data: unknown): string[] {
  try {
    const read: unknown = typeof data === 'string' ? JSON.parse(data) : data
    return valuesOf(read).map((each) =>
      isJson(each) ? String(each['value'] ?? each['label']) : String(each),
    )
  } catch {
    return []
  }
}

/** Links to addresses; tabs, which set a parameter, are the choice of that parameter. */
function readLinks(content: Json, base: Pick<Item, 'id'>, name: string, reading: Reading): Item {
  const { report, parameters } = reading
  const all = listOf(content['links'])
  const tabs = all.filter(({ linkTarget, cellValue }) => linkTarget === 'parameter' && textOf(cellValue))
  const parameter = tabs.length === all.length ? nameOf(String(tabs[0]?.['cellValue'] ?? '')) : ''
  if (tabs.length > 0 && parameter) {
    const values = tabs.map(({ subTarget, linkLabel }) => String(subTarget ?? linkLabel))
    parameters.push({ name: parameter, type: 'list', values })
    report.changed.push(t.tabs(name))
    return { ...base, kind: 'parameters', names: [parameter] }
  }
  const links = all.flatMap((link) => readLink(link))
  if (links.length === 0) return placeholder(base, 'links', name, report)
  if (links.length < all.length) report.left.push(t.links(name, all.length - links.length))
  else report.taken.push(t.item(name))
  return { ...base, kind: 'links', links }
}

function readLink(link: Json): { label: string; href: string }[] {
  const href = String(link['linkTarget'] === 'Url' ? (link['cellValue'] ?? '') : (link['linkUrl'] ?? ''))
  return /^https?:\/\//.test(href) ? [{ label: String(link['linkLabel'] ?? href), href }] : []
}

function showWhen(item: Json, name: string, report: Report) {
  const several = listOf(item['conditionalVisibilities'])
  if (several.length > 1) report.changed.push(t.condition(name))
  const condition = isJson(item['conditionalVisibility']) ? item['conditionalVisibility'] : several[0]
  if (!condition) return {}
  const value = String(condition['value'] ?? '')
  const comparison = String(condition['comparison'] ?? 'isEqualTo')
  if (comparison !== 'isEqualTo' && comparison !== 'isNotEqualTo') {
    report.changed.push(t.conditionLost(name))
    return {}
  }
  return {
    showWhen: {
      param: String(condition['parameterName']),
      ...(comparison === 'isNotEqualTo' ? { notEquals: value } : { equals: value }),
    },
  }
}
