import { ApiError, request } from '@/api/client'
import { cancelRun, keepInBackground } from '@/api/runs'
import { openEvents } from '@/api/sse'
import { openResult } from '@/workers/result'
import { currentEditor } from '../editor/handle'
import { activeTab, useTabs, workspacesOf } from '../tabs/store'
import type { Tab } from '../tabs/tab'
import {
  endOf,
  failureOf,
  isUnderWay,
  NO_RUN,
  resultPath,
  type DoneEvent,
  type Progress,
  type RunColumn,
  type RunState,
} from './state'
import { sentTimespan, statementAt, whole, type Statement } from './statement'
import { runOf, useRunStore } from './store'

const patch = (tabId: string, changes: Partial<RunState>) => useRunStore.getState().patch(tabId, changes)

/** Runs what is selected, or the statement under the cursor, in place of the tab's last run. */
export async function runActiveTab(): Promise<void> {
  const tab = activeTab()
  const editor = currentEditor()
  // The editor may be about to show another tab: then there is no selection in this one's text.
  const selection = editor?.getText() === tab.text ? editor.getSelection() : { start: 0, end: 0 }
  try {
    const statement = await statementAt(tab.text, selection)
    if (statement) await runStatement(tab, statement)
  } catch (failure) {
    patch(tab.id, { ...NO_RUN, status: 'failed', error: failureOf(failure) })
  }
}

/** Runs once more what was run last, with the range and the limit that the tab has now. */
export async function runAgain(tab: Tab): Promise<void> {
  const { query, parts } = runOf(tab.id)
  // The statement itself, which the lets it needs come before.
  const last = parts.at(-1)
  if (last) await runStatement(tab, { query, span: last, parts })
  else await runActiveTab()
}

/** What was run, at its place in the tab's text. */
export function placeOf(tab: Tab, query: string): Statement {
  const start = Math.max(0, tab.text.indexOf(query))
  return whole(query, { start, end: start + query.length })
}

async function runStatement(tab: Tab, statement: Statement): Promise<void> {
  const before = runOf(tab.id)
  if (!before.isBackground) void cancel(tab.id)
  before.result?.close()
  const begun: RunState = {
    ...NO_RUN,
    status: 'starting',
    query: statement.query,
    parts: statement.parts,
    workspaces: workspacesOf(tab),
    timespan: sentTimespan(tab.timespan, statement.query),
    maximumRows: tab.limit,
    startedAt: new Date(),
  }
  patch(tab.id, begun)
  if (before.query !== begun.query) forgetChoices(tab)
  try {
    await send(tab, begun, statement)
  } catch (failure) {
    // What went wrong is this run's own, which keeps its query so that it can be run again.
    if (runOf(tab.id).startedAt === begun.startedAt) {
      patch(tab.id, { status: 'failed', error: failureOf(failure) })
    }
  }
}

async function send(tab: Tab, begun: RunState, statement: Statement): Promise<void> {
  const { id } = await request<{ id: string }>('POST', '/portal/api/runs', {
    body: {
      workspaces: begun.workspaces,
      query: begun.query,
      timespan: begun.timespan ?? undefined,
      maximumRows: begun.maximumRows,
    },
  })
  patch(tab.id, { id, status: 'running' })
  useTabs.getState().change(tab.id, { run: id })
  await follow(tab.id, id, statement)
}

/** Another query's rows are shown as they come: a filter of the grid must not hide some of them unseen. */
function forgetChoices({ id, layout }: Tab): void {
  if (layout)
    useTabs.getState().change(id, { layout: { ...layout, filters: [], sort: [], groupBy: null, open: [] } })
}

/** Listens to a run until its end; what comes for a run that is no longer the tab's is dropped. */
export async function follow(tabId: string, id: string, statement: Statement): Promise<void> {
  const tell = (changes: Partial<RunState>) => {
    if (runOf(tabId).id === id) patch(tabId, changes)
  }
  const handlers = {
    queued: (event: unknown) =>
      tell({ status: 'queued', queuePosition: (event as { position: number }).position }),
    progress: (event: unknown) =>
      tell({ status: 'running', queuePosition: null, progress: event as Progress }),
    schema: (event: unknown) => {
      const { table, name, columns } = event as { table: number; name: string; columns: RunColumn[] }
      const tables = [...runOf(tabId).tables]
      tables[table] = { name, columns, rowCount: 0 }
      tell({ tables })
      if (table === 0 && runOf(tabId).id === id) showTable(tabId, 0)
    },
    rows: (event: unknown) => {
      const { table, count } = event as { table: number; count: number }
      const tables = [...runOf(tabId).tables]
      const grown = tables[table]
      if (grown) tables[table] = { ...grown, rowCount: count }
      tell({ tables })
    },
    done: (event: unknown) => tell(endOf(event as DoneEvent, statement)),
  }
  await openEvents(`/portal/api/runs/${id}/events`, handlers, new AbortController().signal)
  if (isUnderWay(runOf(tabId))) {
    tell({
      status: 'failed',
      error: failureOf(new ApiError(0, 'ConnectionLost', 'The server ended the connection.')),
    })
  }
}

/** Opens one of the result's tables in the worker, in place of the one that was shown. */
export function showTable(tabId: string, table: number): void {
  const { id, result } = runOf(tabId)
  if (!id) return
  result?.close()
  patch(tabId, { shown: table, result: openResult({ url: resultPath(id, table, 'arrow') }) })
}

/** Stops the run and its children in the engine. */
export async function cancel(tabId: string): Promise<void> {
  const { id } = runOf(tabId)
  if (!id || !isUnderWay(runOf(tabId))) return
  await cancelRun(id).catch((failure: unknown) => {
    if (!(failure instanceof ApiError)) throw failure
  })
  const run = runOf(tabId)
  if (run.id === id && isUnderWay(run)) patch(tabId, { status: 'cancelled', queuePosition: null })
}

/** Lets the run go on whatever becomes of the page: the bell shows it. Raises `ApiError`. */
export async function runInBackground(tabId: string): Promise<void> {
  const { id } = runOf(tabId)
  if (!id) return
  await keepInBackground(id)
  if (runOf(tabId).id === id) patch(tabId, { isBackground: true })
}

/** Forgets the run of a tab that is closed; one in the background goes on. */
export function dropRun(tabId: string): void {
  if (!runOf(tabId).isBackground) void cancel(tabId)
  runOf(tabId).result?.close()
  useRunStore.getState().drop(tabId)
}
