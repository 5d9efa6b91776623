/** What a dashboard is: its document, version by version. `dashboard.schema.json` says the same for others. */

import { checkDocument, type Fault } from './check'
import schema from './dashboard.schema.json'

export type ParameterType = 'query' | 'list' | 'text' | 'timeRange'
export type ValueType = 'string' | 'long' | 'real' | 'bool' | 'datetime' | 'guid'

export interface Parameter {
  readonly name: string
  readonly label?: string
  readonly type: ParameterType
  /** The KQL type that its values are bound as; a list of them is a dynamic. */
  readonly valueType?: ValueType
  readonly query?: string
  readonly values?: readonly string[]
  readonly multi?: boolean
  /** Whether `*` may be chosen: then the predicates with this parameter are not asked. */
  readonly allowAll?: boolean
  readonly default?: readonly string[]
  /** What queries call the ends of a time range by. */
  readonly bounds?: { readonly from: string; readonly to: string }
}

/** Columns (of 24) and rows of 32 pixels. */
export interface Place {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

export interface ItemBase {
  readonly id: string
  readonly title?: string
  readonly grid?: Place
  /** The group that it is in: shown and hidden with it. */
  readonly group?: string
  readonly showWhen?: { readonly param: string; readonly equals?: string; readonly notEquals?: string }
}
export interface QueryItem extends ItemBase {
  readonly kind: 'query'
  readonly query: string
  readonly visual?: Readonly<Record<string, unknown>>
  /** An ISO 8601 range, or `$Name` for that of a parameter. */
  readonly timeRange?: string
  readonly scope?: { readonly workspaces: readonly string[] }
  readonly onClick?: readonly { readonly set: string; readonly from: string }[]
}
export interface MarkdownItem extends ItemBase {
  readonly kind: 'markdown'
  readonly text: string
}
export interface ParametersItem extends ItemBase {
  readonly kind: 'parameters'
  readonly names: readonly string[]
}
export interface GroupItem extends ItemBase {
  readonly kind: 'group'
  readonly isClosed?: boolean
}
export interface LinksItem extends ItemBase {
  readonly kind: 'links'
  readonly links: readonly { readonly label: string; readonly href: string }[]
}
/** An item of another product that is kept, and shown by its name only. */
export interface ForeignItem extends ItemBase {
  readonly kind: 'foreign'
  readonly source: string
}
export type Item = QueryItem | MarkdownItem | ParametersItem | GroupItem | LinksItem | ForeignItem

export interface Dashboard {
  readonly schema: string
  readonly id: string
  readonly title: string
  readonly description?: string
  readonly layout: 'grid' | 'flow'
  readonly defaults: { readonly timeRange: string; readonly refresh?: string }
  readonly scope: { readonly workspaces: readonly string[] }
  readonly parameters: readonly Parameter[]
  readonly items: readonly Item[]
  readonly 'x-azure'?: Readonly<Record<string, unknown>>
}

export const VERSION = 1
export const COLUMNS = 24

/** What makes a document of a version into one of the next. */
export type Migrations = Readonly<Record<number, (old: Record<string, unknown>) => Record<string, unknown>>>

/** Drafts of the format had no version, one workspace, and a text where a list of defaults is now. */
const MIGRATIONS: Migrations = {
  0: ({ workspace, ...old }) => ({
    layout: 'grid',
    defaults: { timeRange: 'PT24H' },
    ...old,
    schema: 'kelp.dashboard/1',
    scope: old['scope'] ?? { workspaces: [typeof workspace === 'string' ? workspace : '$default'] },
    parameters: listOf(old['parameters']).map((each) =>
      typeof each['default'] === 'string' ? { ...each, default: [each['default']] } : each,
    ),
    items: listOf(old['items']),
  }),
}

export interface ReadDashboard {
  /** Null where the text is none, or has faults. */
  readonly dashboard: Dashboard | null
  readonly faults: readonly Fault[]
  /** Made by a newer Kelp: it can be looked at as far as it is understood, and not be saved. */
  readonly isNewer: boolean
}

/** Reads a stored document: brings it to the present version step by step, and checks it. */
export function readDashboard(text: string): ReadDashboard {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (failure) {
    const message = failure instanceof Error ? failure.message : String(failure)
    return { dashboard: null, faults: [{ target: '', message }], isNewer: false }
  }
  const version = versionOf(document)
  if (version === null) {
    const message = 'This is no dashboard: `schema` is not kelp.dashboard/1.'
    return { dashboard: null, faults: [{ target: 'schema', message }], isNewer: false }
  }
  const isNewer = version > VERSION
  const migrated = isNewer ? document : migrate(document as Record<string, unknown>, version)
  const faults = checkDocument(
    isNewer ? { ...(document as object), schema: 'kelp.dashboard/1' } : migrated,
    schema,
  )
  const told = faults.map((fault) => tellPlanned(fault, migrated))
  return { dashboard: told.length === 0 ? (migrated as Dashboard) : null, faults: told, isNewer }
}

/** Kinds of items that the format has a name for, and that nothing can be asked for yet. */
const PLANNED = new Set(['metric', 'alerts'])

function tellPlanned(fault: Fault, document: unknown): Fault {
  const [, index] = /^items\[(\d+)\]\.kind$/.exec(fault.target) ?? []
  const { items } = document as { items: readonly { kind: string }[] }
  const kind = index === undefined ? '' : (items[Number(index)]?.kind ?? '')
  if (!PLANNED.has(kind)) return fault
  return { ...fault, message: `There are no items of the kind ${kind} yet: ask for the same with a query.` }
}

export function migrate(
  document: Record<string, unknown>,
  version: number,
  steps: Migrations = MIGRATIONS,
  target = VERSION,
): Record<string, unknown> {
  let present = document
  for (let from = version; from < target; from += 1) {
    const step = steps[from]
    if (!step) throw new Error(`There is no way from version ${from} of dashboards to ${target}.`)
    present = step(present)
  }
  return present
}

/** The version of a document: 0 for drafts without one; null for what is no dashboard. */
export function versionOf(document: unknown): number | null {
  if (typeof document !== 'object' || document === null || !('items' in document)) return null
  if (!('schema' in document)) return Array.isArray(document.items) && !('version' in document) ? 0 : null
  const found = /^kelp\.dashboard\/(\d+)$/.exec(String(document.schema))
  return found ? Number(found[1]) : null
}

export function newDashboard(title: string, layout: Dashboard['layout'] = 'grid'): Dashboard {
  return {
    schema: `kelp.dashboard/${VERSION}`,
    id: crypto.randomUUID(),
    title,
    layout,
    defaults: { timeRange: 'PT24H' },
    scope: { workspaces: ['$default'] },
    parameters: [{ name: 'TimeRange', label: 'Time range', type: 'timeRange' }],
    items: [],
  }
}

/** A name for an item that no other has. */
export function freeId(items: readonly Item[], stem: string): string {
  const taken = new Set(items.map(({ id }) => id))
  let number = items.length + 1
  while (taken.has(`${stem}${number}`)) number += 1
  return `${stem}${number}`
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : []
}
