/** What `render` asked for: the properties of the answer, put into one shape; and back into a line of KQL. */

interface KindTraits {
  /** Whether it has a scale, a title and limits for each axis. */
  readonly hasAxes?: true
  /** Whether its series can stand on or beside each other. */
  readonly stacks?: true
}

const TRAITS = {
  timechart: { hasAxes: true },
  linechart: { hasAxes: true },
  areachart: { hasAxes: true, stacks: true },
  stackedareachart: { hasAxes: true },
  columnchart: { hasAxes: true, stacks: true },
  barchart: { hasAxes: true, stacks: true },
  piechart: {},
  scatterchart: { hasAxes: true },
  anomalychart: { hasAxes: true },
  card: {},
  treemap: {},
  ladderchart: {},
  timepivot: {},
  pivotchart: {},
  graph: {},
  table: {},
  plotly: {},
} as const satisfies Readonly<Record<string, KindTraits>>

export type Kind = keyof typeof TRAITS

export const KINDS = Object.keys(TRAITS) as readonly Kind[]

export function traitsOf(kind: Kind): KindTraits {
  return TRAITS[kind]
}

export interface Render {
  readonly visualization: Kind
  readonly title: string | null
  readonly accumulate: boolean
  readonly isQuerySorted: boolean
  readonly kind: string | null
  readonly legend: 'visible' | 'hidden'
  readonly series: readonly string[]
  readonly yMin: number | null
  readonly yMax: number | null
  readonly xAxis: 'linear' | 'log'
  readonly yAxis: 'linear' | 'log'
  readonly xColumn: string | null
  readonly xTitle: string | null
  readonly yColumns: readonly string[]
  readonly ySplit: 'none' | 'axes' | 'panels'
  readonly yTitle: string | null
  readonly anomalyColumns: readonly string[]
}

const PLAIN: Render = {
  visualization: 'table',
  title: null,
  accumulate: false,
  isQuerySorted: false,
  kind: null,
  legend: 'visible',
  series: [],
  yMin: null,
  yMax: null,
  xAxis: 'linear',
  yAxis: 'linear',
  xColumn: null,
  xTitle: null,
  yColumns: [],
  ySplit: 'none',
  yTitle: null,
  anomalyColumns: [],
}

/** Kinds that other clients know by another name. */
const OTHER_NAMES: Readonly<Record<string, Kind>> = {
  chart: 'columnchart',
  linechart3d: 'linechart',
  scatter: 'scatterchart',
  '3dchart': 'scatterchart',
  network: 'graph',
  list: 'table',
}

/**
 * Reads `render` of an answer, or `{visualization, properties}`, or a stored visual (`{kind: 'timechart', ...}`).
 * Names are compared without case, lists may be text with commas, and NaN is no limit. An unknown kind is a table.
 */
export function readRender(document: Readonly<Record<string, unknown>>): Render {
  const inner = document['properties']
  const members = isRecord(inner) ? { ...inner, visualization: document['visualization'] } : document
  const found = new Map(Object.entries(members).map(([name, value]) => [name.toLowerCase(), value]))
  const named = found.has('visualization')
  const kind = textOf(found.get(named ? 'visualization' : 'kind'))?.toLowerCase() ?? ''
  return {
    visualization: kindOf(kind),
    title: textOf(found.get('title')),
    accumulate: truthOf(found.get('accumulate')),
    isQuerySorted: truthOf(found.get('isquerysorted')),
    kind: textOf(found.get(named ? 'kind' : 'variant'))?.toLowerCase() ?? null,
    legend: textOf(found.get('legend'))?.toLowerCase() === 'hidden' ? 'hidden' : 'visible',
    series: listOf(found.get('series')),
    yMin: numberOf(found.get('ymin')),
    yMax: numberOf(found.get('ymax')),
    xAxis: textOf(found.get('xaxis'))?.toLowerCase() === 'log' ? 'log' : 'linear',
    yAxis: textOf(found.get('yaxis'))?.toLowerCase() === 'log' ? 'log' : 'linear',
    xColumn: textOf(found.get('xcolumn')),
    xTitle: textOf(found.get('xtitle')),
    yColumns: listOf(found.get('ycolumns')),
    ySplit: splitOf(textOf(found.get('ysplit'))?.toLowerCase()),
    yTitle: textOf(found.get('ytitle')),
    anomalyColumns: listOf(found.get('anomalycolumns')),
  }
}

/** The properties of a kind that nobody said more about. */
export function plainRender(visualization: Kind): Render {
  return { ...PLAIN, visualization }
}

/** A stored visual: the kind, and the properties that are not as they are without a word. */
export function visualOf(render: Render): Record<string, unknown> {
  const { visualization, kind, ...rest } = render
  const said = Object.entries(rest).filter(([name, value]) => !isPlain(name as keyof Render, value))
  return { kind: visualization, ...(kind ? { variant: kind } : {}), ...Object.fromEntries(said) }
}

/** The line of KQL that asks for this chart: `render timechart with (title="Beats", ysplit=panels)`. */
export function renderLine(render: Render): string {
  const said = (Object.entries(render) as [keyof Render, unknown][])
    .filter(([name, value]) => name !== 'visualization' && !isPlain(name, value))
    .filter(([name]) => name !== 'isQuerySorted')
    .map(([name, value]) => `${name.toLowerCase()}=${literalOf(name, value)}`)
  return `render ${render.visualization}${said.length > 0 ? ` with (${said.join(', ')})` : ''}`
}

function isPlain(name: keyof Render, value: unknown): boolean {
  return JSON.stringify(PLAIN[name]) === JSON.stringify(value)
}

const TEXTS = new Set<keyof Render>(['title', 'xTitle', 'yTitle'])

function literalOf(name: keyof Render, value: unknown): string {
  if (Array.isArray(value)) return value.map((each) => nameText(String(each))).join(', ')
  if (TEXTS.has(name)) return JSON.stringify(value)
  return typeof value === 'string' ? nameText(value) : String(value as number)
}

function nameText(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `['${name.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}']`
}

function kindOf(text: string): Kind {
  return KINDS.find((kind) => kind === text) ?? OTHER_NAMES[text] ?? 'table'
}

function splitOf(text: string | undefined): Render['ySplit'] {
  return text === 'axes' || text === 'panels' ? text : 'none'
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function truthOf(value: unknown): boolean {
  return value === true || value === 'true'
}

function numberOf(value: unknown): number | null {
  if (value === null || value === undefined || value === '') return null
  const number = Number(value)
  return Number.isFinite(number) ? number : null
}

function listOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String)
  const text = textOf(value)
  return text === null ? [] : text.split(',').map((name) => name.trim())
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
