import type { Timespan } from '@/lib/time'

/** A query that one works on, with all that belongs to it. Kept on the server as part of the draft. */
export interface Tab {
  readonly id: string
  /** The name that it was given or saved under; null where its text names it. */
  readonly name: string | null
  readonly text: string
  readonly timespan: Timespan
  readonly limit: number
  /** Workspaces beside the page's own that the query asks too. */
  readonly also: readonly string[]
  /** Widths, order, sorting and filters of the result's columns. */
  readonly layout: Readonly<Record<string, unknown>> | null
  /** The saved search that the text came from or was saved as, and the text it had. */
  readonly saved: SavedPlace | null
  /** The last run: its rows are shown again as long as the server keeps them. */
  readonly run: string | null
}

export interface SavedPlace {
  readonly id: string
  readonly etag: string
  readonly text: string
}

/** All tabs of a workspace's page. */
export interface TabSet {
  readonly tabs: readonly Tab[]
  readonly active: string
}

export const DEFAULT_TIMESPAN: Timespan = 'PT24H'
export const DEFAULT_LIMIT = 10_000
export const LIMITS = [100, 1_000, 10_000, 50_000, 100_000, 500_000] as const

export function makeTab(changes: Partial<Tab> = {}): Tab {
  return {
    id: crypto.randomUUID(),
    name: null,
    text: '',
    timespan: DEFAULT_TIMESPAN,
    limit: DEFAULT_LIMIT,
    also: [],
    layout: null,
    saved: null,
    run: null,
    ...changes,
  }
}

const FIRST_NAME = /^\s*(?:\w+\s*=\s*)?\[?['"]?([A-Za-z_][\w-]*)/

/** What a tab is called: its own name, else the first table that its text names; empty where there is neither. */
export function titleOf(tab: Tab): string {
  if (tab.name) return tab.name
  const statement = tab.text
    .split(/;|\n\s*\n/)
    .map((part) => part.replace(/^\s*(?:\/\/[^\n]*\n?\s*)*/, ''))
    .find((part) => part.trim() !== '' && !/^(?:let|set|declare)\b/.test(part))
  return FIRST_NAME.exec(statement ?? '')?.[1] ?? ''
}

/** Whether the text differs from what was saved, or was never saved and is not empty. */
export function isUnsaved(tab: Tab): boolean {
  return tab.saved ? tab.saved.text !== tab.text : tab.text.trim() !== ''
}

/**
 * The tabs of a document that the server kept: written by an older or a newer page, perhaps by a hand. What is no tab
 * is left out, what a tab lacks gets its default.
 */
export function readTabs(document: unknown): TabSet {
  const { tabs, active } = (document ?? {}) as { tabs?: unknown; active?: unknown }
  const read = (Array.isArray(tabs) ? tabs : []).flatMap((tab) => readTab(tab))
  if (read.length === 0) read.push(makeTab())
  const isThere = read.some((tab) => tab.id === active)
  return { tabs: read, active: isThere ? (active as string) : read[0]!.id }
}

function readTab(found: unknown): Tab[] {
  const tab = found as Partial<Tab> | null
  if (typeof tab?.id !== 'string' || typeof tab.text !== 'string') return []
  const isText = (value: unknown): value is string => typeof value === 'string'
  return [
    makeTab({
      id: tab.id,
      text: tab.text,
      name: isText(tab.name) ? tab.name : null,
      timespan: isText(tab.timespan) ? tab.timespan : DEFAULT_TIMESPAN,
      limit: Number.isInteger(tab.limit) && tab.limit! > 0 ? tab.limit! : DEFAULT_LIMIT,
      also: Array.isArray(tab.also) ? tab.also.filter(isText) : [],
      layout: typeof tab.layout === 'object' ? (tab.layout ?? null) : null,
      run: isText(tab.run) ? tab.run : null,
      saved: tab.saved && isText(tab.saved.id) && isText(tab.saved.text) ? tab.saved : null,
    }),
  ]
}

/** Two versions of the tabs as one: what was changed here wins, what only the other has is kept. */
export function mergeTabs(
  ours: TabSet,
  theirs: TabSet,
  changedHere: ReadonlySet<string>,
  closedHere: ReadonlySet<string>,
): TabSet {
  const kept = theirs.tabs
    .filter((tab) => !closedHere.has(tab.id))
    .map((tab) => (changedHere.has(tab.id) ? (ours.tabs.find((own) => own.id === tab.id) ?? tab) : tab))
  const known = new Set(theirs.tabs.map((tab) => tab.id))
  const added = ours.tabs.filter((tab) => !known.has(tab.id) && changedHere.has(tab.id))
  const tabs = [...kept, ...added]
  if (tabs.length === 0) return ours
  return { tabs, active: tabs.some((tab) => tab.id === ours.active) ? ours.active : tabs[0]!.id }
}
