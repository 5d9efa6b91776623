/** Azure workbooks as dashboards: what is known becomes ours, the rest is kept and shown by its name. */

import { newDashboard, type Dashboard, type Item, type Parameter } from './document'
import { placeItems } from './layout'

export interface Imported {
  readonly dashboard: Dashboard
  /** What was not taken over, in words. */
  readonly report: readonly string[]
}

type Json = Readonly<Record<string, unknown>>

const TEXT = 1
const QUERY = 3
const PARAMETERS = 9
const METRIC = 10
const LINKS = 11
const GROUP = 12

export function isAzureWorkbook(document: unknown): document is Json {
  return isJson(document) && String(document['version'] ?? '').startsWith('Notebook/')
}

export function importAzureWorkbook(document: Json, title: string): Imported {
  const report: string[] = []
  const parameters: Parameter[] = []
  const items = listOf(document['items']).flatMap((item) => readItem(item, '', parameters, report))
  const base = newDashboard(title, 'flow')
  const named = new Set(parameters.map(({ name }) => name))
  const timeRange = parameters.some(({ type }) => type === 'timeRange') ? [] : base.parameters
  return {
    dashboard: {
      ...base,
      parameters: [...timeRange.filter(({ name }) => !named.has(name)), ...parameters],
      items: placeItems(items),
      'x-azure': { ...document },
    },
    report,
  }
}

function readItem(item: Json, group: string, parameters: Parameter[], report: string[]): Item[] {
  const content = isJson(item['content']) ? item['content'] : {}
  const name = String(item['name'] ?? `item-${parameters.length}`)
  const id = `a-${crypto.randomUUID().slice(0, 8)}`
  const base = {
    id,
    ...(group ? { group } : {}),
    ...showWhen(item),
    ...(textOf(content['title']) ? { title: String(content['title']) } : {}),
  }
  switch (Number(item['type'])) {
    case TEXT:
      return [{ ...base, kind: 'markdown', text: String(content['json'] ?? '') }]
    case QUERY:
      return [readQuery(content, base, name, report)]
    case PARAMETERS: {
      const read = listOf(content['parameters']).map((each) => readParameter(each, report))
      parameters.push(...read)
      return [{ ...base, kind: 'parameters', names: read.map((each) => each.name) }]
    }
    case LINKS: {
      const links = listOf(content['links']).flatMap((link) => readLink(link))
      return links.length > 0 ? [{ ...base, kind: 'links', links }] : [foreign(base, name, 'links', report)]
    }
    case GROUP: {
      const inner = listOf(content['items']).flatMap((each) => readItem(each, id, parameters, report))
      return [{ ...base, kind: 'group', title: String(content['title'] ?? item['title'] ?? name) }, ...inner]
    }
    case METRIC:
      return [foreign(base, name, 'metric', report)]
    default:
      return [foreign(base, name, `type ${String(item['type'])}`, report)]
  }
}

function foreign(base: Pick<Item, 'id'>, name: string, what: string, report: string[]): Item {
  report.push(`"${name}" (${what}) is kept but not drawn.`)
  return { ...base, kind: 'foreign', source: `${what}: ${name}` }
}

const LOGS = 0
const DURATION = 1000

function readQuery(content: Json, base: Pick<Item, 'id'>, name: string, report: string[]): Item {
  if (Number(content['queryType'] ?? LOGS) !== LOGS)
    return foreign(base, name, 'query of another source', report)
  const context = isJson(content['timeContext']) ? Number(content['timeContext']['durationMs'] ?? 0) : 0
  const named = textOf(content['timeContextFromParameter'])
  const kind = VISUALS[String(content['visualization'] ?? 'table')] ?? 'table'
  const range = named
    ? { timeRange: `$${named}` }
    : context > 0
      ? { timeRange: `PT${Math.round(context / DURATION)}S` }
      : {}
  return {
    ...base,
    kind: 'query',
    query: bindText(String(content['query'] ?? ''), report, name),
    visual: { kind },
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

/** Azure puts values into the text; here they are bound, so that `'{Host}'` and `{Host}` become the name alone. */
function bindText(text: string, report: string[], name: string): string {
  const bound = text.replace(
    /(["'])\{(\w+)\}\1|\{(\w+)\}/g,
    (_, _quote, quoted: string | undefined, plain: string | undefined) => quoted ?? plain ?? '',
  )
  if (/\{\w+:[^}]*\}/.test(bound))
    report.push(`"${name}" uses formats of parameters ({Name:format}), which are not known here.`)
  return bound
}

const TIME_RANGE = 4
const TYPES: Readonly<Record<number, Parameter['type']>> = { 1: 'text', 2: 'list', [TIME_RANGE]: 'timeRange' }

function readParameter(content: Json, report: string[]): Parameter {
  const name = String(content['name'] ?? 'Parameter').replace(/\W/g, '_')
  const type = TYPES[Number(content['type'])]
  const label = textOf(content['label'])
  const base = { name, ...(label ? { label } : {}) }
  if (!type) {
    report.push(`Parameter "${name}" is of a type that is not known here; it is a text now.`)
    return { ...base, type: 'text' }
  }
  const value = content['value']
  if (type === 'timeRange') {
    const length = isJson(value) ? Number(value['durationMs'] ?? 0) : 0
    return { ...base, type, ...(length > 0 ? { default: [`PT${Math.round(length / DURATION)}S`] } : {}) }
  }
  const chosen = Array.isArray(value) ? value.map(String) : textOf(value) ? [String(value)] : null
  const common = {
    ...base,
    ...(content['multiSelect'] ? { multi: true } : {}),
    ...(chosen ? { default: chosen } : {}),
  }
  const query = textOf(content['query'])
  if (type === 'list' && query) return { ...common, type: 'query', query }
  return type === 'list' ? { ...common, type, values: readChoices(content['jsonData']) } : { ...common, type }
}

function readChoices(data: unknown): string[] {
  try {
    const read: unknown = typeof data === 'string' ? JSON.parse(data) : data
    return listOrTexts(read).map((each) =>
      isJson(each) ? String(each['value'] ?? each['label']) : String(each),
    )
  } catch {
    return []
  }
}

function readLink(link: Json): { label: string; href: string }[] {
  const href = String(link['linkTarget'] === 'Url' ? (link['cellValue'] ?? '') : (link['linkUrl'] ?? ''))
  return /^https?:\/\//.test(href) ? [{ label: String(link['linkLabel'] ?? href), href }] : []
}

function showWhen(item: Json) {
  const condition = isJson(item['conditionalVisibility']) ? item['conditionalVisibility'] : null
  if (!condition) return {}
  const value = String(condition['value'] ?? '')
  const comparison = String(condition['comparison'] ?? 'isEqualTo')
  return {
    showWhen: {
      param: String(condition['parameterName']),
      ...(comparison === 'isNotEqualTo' ? { notEquals: value } : { equals: value }),
    },
  }
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOrTexts(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function listOf(value: unknown): Json[] {
  return listOrTexts(value).filter(isJson)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
