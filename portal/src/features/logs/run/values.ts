import { durationSeconds, type Timespan } from '@/lib/time'
import type { Metadata } from '../schema/metadata'
import { queryName } from '../schema/search'
import { activeTab, workspacesOf } from '../tabs/store'
import { runChild } from './child'
import { NO_RUN } from './state'
import { runOf } from './store'

/** The most frequent values of a column, in canonical text. */
export interface ColumnValues {
  readonly type: string
  readonly values: readonly { readonly text: string; readonly count: number }[]
}

const MOST = 50
const KEPT_MILLISECONDS = 5 * 60_000
/** Types whose values are names of something; of others one writes ranges. */
const TYPES = new Set(['string', 'int', 'long', 'guid'])
const BOOLEAN: ColumnValues = {
  type: 'bool',
  values: ['true', 'false'].map((text) => ({ text, count: 0 })),
}
/** What is known of a column, or is on its way. */
const book = new Map<string, Entry>()

interface Entry {
  readonly at: number
  found: ColumnValues | null
  /** Who asked last, while it is on its way. */
  onNews: () => void
}

/**
 * The values of a column that may stand in a query: at once what is known, null where nothing is. What is not known yet
 * is found out, and `onNews` called when it is there: from the rows that are loaded, and where these are not all that
 * there is, from a few of the table's own.
 */
export function columnValues(
  column: string,
  block: string,
  metadata: Metadata | undefined,
  onNews: () => void,
): ColumnValues | null {
  const own = loadedValues(column, onNews)
  const others = own.isWhole ? null : tableValues(column, block, metadata, onNews)
  const { found } = own
  if (!found || !others) return found ?? others
  const known = new Set(found.values.map(({ text }) => text))
  const more = others.values.filter(({ text }) => !known.has(text))
  return { type: found.type, values: [...found.values, ...more].slice(0, MOST) }
}

function lookUp(
  key: string,
  read: () => Promise<ColumnValues | null>,
  onNews: () => void,
): ColumnValues | null {
  const now = Date.now()
  const kept = book.get(key)
  if (kept && now - kept.at < KEPT_MILLISECONDS) {
    kept.onNews = onNews
    return kept.found
  }
  for (const [other, { at }] of book) if (now - at >= KEPT_MILLISECONDS) book.delete(other)
  const entry: Entry = { at: now, found: null, onNews }
  book.set(key, entry)
  // Values are an extra: without them one writes on.
  read().then(
    (found) => {
      entry.found = found
      if (found && found.values.length > 0) entry.onNews()
    },
    () => undefined,
  )
  return null
}

/** Those of the result that is shown; they are all that there are unless the query chose them by this very column. */
function loadedValues(
  column: string,
  onNews: () => void,
): { readonly found: ColumnValues | null; readonly isWhole: boolean } {
  const { result, query, status } = runOf(activeTab().id)
  const index = result?.state.columns.findIndex(({ name }) => name === column) ?? -1
  const type = result?.state.columns[index]?.type ?? ''
  if (!result || status !== 'done' || result.state.loaded === 0) return { found: null, isWhole: false }
  if (type === 'bool') return { found: BOOLEAN, isWhole: true }
  if (!TYPES.has(type)) return { found: null, isWhole: index !== -1 }
  const read = async () => {
    const counts = await result.ask('counts', index, '', MOST, 'UTC')
    const values = counts.values.flatMap(({ text, count }) => (text ? [{ text, count }] : []))
    return { type, values }
  }
  return {
    found: lookUp(`result ${result.number} ${column}`, read, onNews),
    isWhole: !query.includes(column),
  }
}

/** Those of some recent records of the first table that the query names and that has the column. */
function tableValues(
  column: string,
  block: string,
  metadata: Metadata | undefined,
  onNews: () => void,
): ColumnValues | null {
  const source = sourceOf(column, block, metadata)
  if (!source) return null
  const { type, from } = source
  if (type === 'bool') return BOOLEAN
  if (!TYPES.has(type)) return null
  const tab = activeTab()
  const workspaces = workspacesOf(tab)
  const timespan = atMostADay(tab.timespan)
  const name = queryName(column)
  const query = `${from}\n| take 100000\n| where isnotempty(${name})\n| summarize Count = count() by Value = tostring(${name})\n| top ${MOST} by Count`
  const read = async () => {
    const parent = { ...NO_RUN, workspaces, timespan }
    const child = { query, purpose: 'field', maximumRows: MOST } as const
    const { columns, rows } = await runChild(parent, child, new AbortController().signal)
    const at = columns.findIndex((one) => one.name === 'Value')
    const values = rows.map((row) => ({ text: String(row[at]), count: Number(row[1 - at]) }))
    return { type, values }
  }
  return lookUp(`${workspaces.join()} ${timespan} ${query}`, read, onNews)
}

/** The table, as the query names it, and the column's type. */
export function sourceOf(
  column: string,
  block: string,
  metadata: Metadata | undefined,
): { readonly from: string; readonly type: string } | null {
  const tables = new Map(metadata?.tables.map((table) => [table.name, table]))
  const words =
    /((?:workspace|database)\s*\(\s*(?:"[^"\n]*"|'[^'\n]*')\s*\)\s*\.\s*)?([A-Za-z_]\w*)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*/g
  for (const [, place = '', name = ''] of block.matchAll(words)) {
    const found = tables.get(name)?.columns.find((one) => one.name === column)
    if (found) return { from: place + name, type: found.type }
  }
  return null
}

const DAY_SECONDS = 86_400

/** The tab's range where it is a short one, else the last day. */
function atMostADay(timespan: Timespan): Timespan {
  const seconds = durationSeconds(timespan)
  return timespan.includes('/') || (seconds !== null && seconds <= DAY_SECONDS) ? timespan : 'P1D'
}
