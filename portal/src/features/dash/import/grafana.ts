/** Dashboards of Grafana: panels that ask logs of Azure Monitor, texts, rows, variables. */

import { t } from '@/i18n/en/dash-import'
import { newDashboard, type Dashboard, type Item, type Parameter, type Place } from '../document'
import {
  durationOf,
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

const LOGS = 'Azure Log Analytics'
const RANGE = 'TimeRange'
const FROM = 'TimeFrom'
const TO = 'TimeTo'

export function isGrafanaDashboard(document: unknown): document is Json {
  return isJson(document) && Array.isArray(document['panels'])
}

export function importGrafanaDashboard(document: Json): Imported {
  const report = newReport()
  const variables = listOf(objectOf(document['templating'])['list']).flatMap((each) =>
    readVariable(each, report),
  )
  const items = listOf(document['panels']).flatMap((panel) => readPanel(panel, '', report))
  const base = newDashboard(textOf(document['title']) ?? 'Dashboard')
  const range: Parameter = {
    name: RANGE,
    label: 'Time range',
    type: 'timeRange',
    bounds: { from: FROM, to: TO },
  }
  const every = durationOf(String(document['refresh'] ?? ''))
  if (JSON.stringify(document).includes('"resources":[')) report.changed.push(t.resources)
  return {
    dashboard: {
      ...base,
      ...(textOf(document['description']) ? { description: String(document['description']) } : {}),
      defaults: { timeRange: readRange(document['time']), ...(every ? { refresh: every } : {}) },
      parameters: [range, ...variables],
      items: inGroups(items),
    } satisfies Dashboard,
    report,
  }
}

function readRange(time: unknown): string {
  const { from, to } = objectOf(time)
  const relative = /^now-(.+)$/.exec(String(from ?? ''))?.[1]
  if (relative && to === 'now') return durationOf(relative) ?? 'PT24H'
  const [start, end] = [from, to].map((text) => Date.parse(String(text)))
  if (!start || !end) return 'PT24H'
  return `${new Date(start).toISOString()}/${new Date(end).toISOString()}`
}

/** What stands under an open row is in its group, up to the next row. */
function inGroups(items: readonly Item[]): Item[] {
  let group = ''
  return items.map((item) => {
    if (item.kind === 'group') {
      group = item.id
      return item
    }
    return item.group || group === '' ? item : { ...item, group }
  })
}

function readPanel(panel: Json, group: string, report: Report): Item[] {
  const type = String(panel['type'])
  const title = textOf(panel['title'])
  const name = title ?? type
  const base = {
    id: `panel-${crypto.randomUUID().slice(0, 8)}`,
    grid: placeOf(objectOf(panel['gridPos'])),
    ...(title ? { title } : {}),
    ...(group ? { group } : {}),
  }
  if (type === 'row') {
    const inner = listOf(panel['panels']).flatMap((each) => readPanel(each, base.id, report))
    return [
      { ...base, kind: 'group', title: name, ...(panel['collapsed'] ? { isClosed: true } : {}) },
      ...inner,
    ]
  }
  if (type === 'text') return [readText(panel, base, name, report)]
  const targets = listOf(panel['targets'])
  const first = targets.find((target) => target['queryType'] === LOGS && queryOf(target) !== '')
  if (!first) {
    const what = String(targets[0]?.['queryType'] ?? sourceOf(panel) ?? type)
    return [placeholder(base, what, name, report)]
  }
  const visual = readVisual(panel, type, name, report)
  const query = bindText(queryOf(first), name, report)
  if (targets.length > 1) report.changed.push(t.queries(name))
  return [{ ...base, kind: 'query', query, visual }]
}

function placeOf({ x, y, w, h }: Json): Place {
  return {
    x: Math.min(23, Number(x ?? 0)),
    y: Number(y ?? 0),
    w: Math.min(24, Number(w ?? 12)),
    h: Math.max(1, Number(h ?? 8)),
  }
}

function sourceOf({ datasource }: Json): string | null {
  return isJson(datasource) ? textOf(datasource['type']) : textOf(datasource)
}

function queryOf(target: Json): string {
  return String(objectOf(target['azureLogAnalytics'])['query'] ?? '').trim()
}

function readText(panel: Json, base: Omit<Item, 'kind'>, name: string, report: Report): Item {
  const options = objectOf(panel['options'])
  if ((options['mode'] ?? panel['mode']) === 'html') report.changed.push(t.html(name))
  else report.taken.push(t.item(name))
  return { ...base, kind: 'markdown', text: String(options['content'] ?? panel['content'] ?? '') }
}

const VISUALS: Readonly<Record<string, string>> = {
  table: 'table',
  logs: 'table',
  timeseries: 'timechart',
  graph: 'timechart',
  stat: 'card',
  singlestat: 'card',
  gauge: 'card',
  bargauge: 'barchart',
  barchart: 'columnchart',
  piechart: 'piechart',
}

const UNITS: Readonly<Record<string, string>> = {
  percent: 'percent',
  bytes: 'bytes',
  decbytes: 'bytes',
  Bps: 'bytesPerSecond',
  binBps: 'bytesPerSecond',
  s: 'seconds',
  ms: 'milliseconds',
  ops: 'perSecond',
  reqps: 'perSecond',
}

function readVisual(panel: Json, type: string, name: string, report: Report): Record<string, unknown> {
  const known = VISUALS[type]
  if (known) report.taken.push(t.item(name))
  else report.changed.push(t.asTable(name, type))
  const defaults = objectOf(objectOf(panel['fieldConfig'])['defaults'])
  const custom = objectOf(defaults['custom'])
  const unit = UNITS[String(defaults['unit'])]
  const thresholds = readThresholds(objectOf(defaults['thresholds']))
  const isStacked = !['none', undefined].includes(objectOf(custom['stacking'])['mode'] as string | undefined)
  const isLying = objectOf(panel['options'])['orientation'] === 'horizontal'
  let kind = known ?? 'table'
  if (kind === 'timechart' && custom['drawStyle'] === 'bars') kind = 'columnchart'
  else if (kind === 'timechart' && isStacked) kind = 'stackedareachart'
  else if (type === 'barchart' && isLying) kind = 'barchart'
  return { kind, ...(unit ? { unit } : {}), ...(thresholds.length > 0 ? { thresholds } : {}) }
}

function readThresholds({ mode, steps }: Json): { value: number; level: string }[] {
  if (mode === 'percentage') return []
  return listOf(steps).flatMap(({ value, color }) => {
    if (typeof value !== 'number') return []
    const level = /red/.test(String(color))
      ? 'error'
      : /orange|yellow/.test(String(color))
        ? 'warning'
        : 'info'
    return [{ value, level }]
  })
}

/** Grafana puts values into the text; here they are bound, so that `'$host'` and `${host:csv}` become the name alone. */
function bindText(text: string, name: string, report: Report): string {
  if (/\$__interval\b/.test(text)) report.changed.push(t.interval(name))
  const plain = text
    .replace(/\$__timeFilter\(\s*([^)]*?)\s*\)/g, (_, column: string) => {
      return `${column || 'TimeGenerated'} between (${FROM} .. ${TO})`
    })
    .replace(/\$__timeFrom\b(\(\))?/g, FROM)
    .replace(/\$__timeTo\b(\(\))?/g, TO)
    .replace(/\$__interval\b/g, '5m')
    .replace(/\$__escapeMulti\(([^()]*)\)/g, '$1')
    .replace(/\$__contains\(\s*(\w+)\s*,\s*([^()]*)\)/g, '$1 in ($2)')
  const unknown = new Set(plain.match(/\$__\w+/g))
  const bound = mapTexts(
    plain,
    (inner, whole) => {
      const alone = /^\$\{?([A-Za-z]\w*)(:\w+)?\}?$/.exec(inner)?.[1]
      if (!alone && VARIABLE.test(inner)) unknown.add(whole)
      return alone ?? whole
    },
    (part) =>
      part.replace(
        VARIABLES,
        (_, braced?: string, old?: string, word?: string) => braced ?? old ?? word ?? '',
      ),
  )
  if (unknown.size > 0) report.changed.push(t.formats(name, [...unknown].join(', ')))
  return bound
}

const VARIABLE = /\$\{?[A-Za-z]/
const VARIABLES = /\$\{([A-Za-z]\w*)(?::\w+)?\}|\[\[(\w+)\]\]|\$([A-Za-z]\w*)/g

function readVariable(content: Json, report: Report): Parameter[] {
  const type = String(content['type'])
  const name = nameOf(String(content['name'] ?? 'variable'))
  const label = textOf(content['label']) ?? name
  const chosen = valuesOf([objectOf(content['current'])['value']].flat()).map(String)
  const isAll = chosen.includes('$__all')
  const common = {
    name,
    label,
    ...(content['multi'] ? { multi: true } : {}),
    ...(content['includeAll'] ? { allowAll: true } : {}),
    ...(isAll ? { default: ['*'] } : chosen.length > 0 && chosen[0] !== '' ? { default: chosen } : {}),
  }
  const taken = (parameter: Parameter) => {
    report.taken.push(t.parameter(label))
    return [parameter]
  }
  if (type === 'query') {
    const query = isJson(content['query']) ? queryOf(content['query']) : ''
    if (query) return taken({ ...common, type: 'query', query: bindText(query, label, report) })
  }
  if (type === 'custom') {
    const values = String(content['query'] ?? '').split(',')
    return taken({
      ...common,
      type: 'list',
      values: values.map((each) => each.split(' : ').at(-1)?.trim() ?? ''),
    })
  }
  if (type === 'textbox' || type === 'constant') {
    const start = textOf(content['query'])
    return taken({ name, label, type: 'text', ...(start ? { default: [start] } : {}) })
  }
  report.left.push(t.noParameter(label, type))
  return []
}
