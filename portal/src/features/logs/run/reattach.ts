import { useEffect } from 'react'
import { ApiError } from '@/api/client'
import { listRuns, type KeptRun } from '@/api/runs'
import { t } from '@/i18n/en/logs'
import { useUrlState } from '@/lib/url-state'
import { toast } from '@/ui/toast'
import { useTabs } from '../tabs/store'
import { DEFAULT_LIMIT, type Tab } from '../tabs/tab'
import { follow, placeOf } from './run'
import { isUnderWay, NO_RUN } from './state'
import { runOf, useRunStore } from './store'

/**
 * Shows again what the server has of the tabs' runs: a page that was loaded anew finds those that are under way, of all
 * tabs, and the rows of the tab that is shown.
 */
export function useKeptRuns(): void {
  const active = useTabs((state) => state.active)
  useEffect(() => {
    void reattach(active).catch(ignoreRefusal)
  }, [active])
}

async function reattach(active: string): Promise<void> {
  const isLost = (tab: Tab) => tab.run !== null && runOf(tab.id) === NO_RUN
  const lost = useTabs.getState().tabs.filter(isLost)
  if (lost.length === 0) return
  const runs = await listRuns()
  for (const tab of lost) {
    const kept = runs.find(({ id }) => id === tab.run)
    const isShown = tab.id === active
    if (kept?.hasRows && isLost(tab) && (isShown || kept.state !== 'ended')) void attach(tab, kept)
  }
}

/** The run that the address names, as the bell does: shown in its tab, and taken out of the address. */
export function useOpenedRun(): void {
  const [id, setId] = useUrlState('run')
  useEffect(() => {
    if (id === '') return
    setId('', { replace: true })
    void openRun(id).catch(ignoreRefusal)
  }, [id, setId])
}

async function openRun(id: string): Promise<void> {
  const kept = (await listRuns()).find((run) => run.id === id)
  if (!kept?.hasRows) {
    toast({ title: t.run.gone, tone: 'warning' })
    return
  }
  const { activate, change } = useTabs.getState()
  const tab = tabOf(kept)
  activate(tab.id)
  if (runOf(tab.id).id === id) return
  change(tab.id, { run: id })
  runOf(tab.id).result?.close()
  await attach(tab, kept)
}

/** The tab that a run came from, else one with its text that does nothing else, else a new one. */
function tabOf({ id, query, timespan, workspaces }: KeptRun): Tab {
  const { tabs, add } = useTabs.getState()
  const [, ...also] = workspaces
  return (
    tabs.find((tab) => runOf(tab.id).id === id || tab.run === id) ??
    tabs.find((tab) => tab.text.includes(query) && !isUnderWay(runOf(tab.id))) ??
    add({ text: query, also, ...(timespan === null ? {} : { timespan }) })
  )
}

async function attach(tab: Tab, kept: KeptRun): Promise<void> {
  const { patch } = useRunStore.getState()
  const place = placeOf(tab, kept.query)
  patch(tab.id, {
    ...NO_RUN,
    id: kept.id,
    status: 'running',
    query: kept.query,
    parts: place.parts,
    workspaces: kept.workspaces,
    timespan: kept.timespan,
    maximumRows: kept.maximumRows ?? DEFAULT_LIMIT,
    startedAt: new Date(kept.startedAt),
    isBackground: kept.background,
  })
  await follow(tab.id, kept.id, place)
}

/** Without an answer there is nothing to show again; whoever runs the query learns what is wrong. */
function ignoreRefusal(failure: unknown): void {
  if (!(failure instanceof ApiError)) throw failure
}
