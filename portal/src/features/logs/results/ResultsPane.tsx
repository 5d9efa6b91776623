import { useState } from 'react'
import { t } from '@/i18n/en/logs'
import { EmptyState } from '@/ui/EmptyState'
import { Select } from '@/ui/Select'
import type { Summary } from '@/workers/result'
import { ExplainView } from '../explain/ExplainView'
import { Banner } from '../run/Banner'
import { showTable } from '../run/run'
import { isUnderWay, type RunState } from '../run/state'
import { RunProgress } from '../run/RunProgress'
import type { Tab } from '../tabs/tab'
import { ChartView } from './ChartView'
import { FailedRun } from './FailedRun'
import { FirstVisit } from './FirstVisit'
import { RowsView } from './RowsView'
import { StatisticsView } from './StatisticsView'
import styles from './results.module.css'

const VIEWS = ['results', 'chart', 'statistics', 'explain'] as const
type View = (typeof VIEWS)[number]

interface ResultsPaneProps {
  readonly tab: Tab
  readonly run: RunState
  readonly onSelection: (selection: Summary | null) => void
}

/** What came of a run, looked at in one of four ways. */
export function ResultsPane({ tab, run, onSelection }: ResultsPaneProps) {
  const [chosen, setChosen] = useState<{ run: string | null; view: View }>({ run: null, view: 'results' })
  // A query that asks for a picture shows it; what was chosen by hand stays for that run.
  const asked = run.render && run.render['visualization'] !== 'table' ? 'chart' : 'results'
  const view = chosen.run === run.id ? chosen.view : asked
  return (
    <section className={styles['pane']} aria-label={t.panes.results}>
      <RunProgress tabId={tab.id} run={run} />
      <div className={styles['head']}>
        <ViewList view={view} onChange={(next) => setChosen({ run: run.id, view: next })} />
        {run.tables.length > 1 && (
          <Select
            label={t.results.tables}
            isLabelHidden
            className={styles['tableSelect']}
            items={run.tables.map((_, index) => ({ id: String(index), label: t.results.tableOf(index + 1) }))}
            value={String(run.shown)}
            onChange={(index) => showTable(tab.id, Number(index))}
          />
        )}
      </div>
      <Banner tab={tab} run={run} />
      <div role="tabpanel" id="logs-view" aria-labelledby={`logs-view-${view}`} className={styles['body']}>
        {view === 'explain' ? (
          <ExplainView tab={tab} run={run} />
        ) : view === 'statistics' ? (
          <StatisticsView run={run} />
        ) : (
          <Rows view={view} tab={tab} run={run} onSelection={onSelection} />
        )}
      </div>
    </section>
  )
}

function ViewList({ view, onChange }: { readonly view: View; readonly onChange: (view: View) => void }) {
  function onKeyDown(event: React.KeyboardEvent) {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (by === 0) return
    const next = VIEWS[(VIEWS.indexOf(view) + by + VIEWS.length) % VIEWS.length]!
    onChange(next)
    document.getElementById(`logs-view-${next}`)?.focus()
    event.preventDefault()
  }
  return (
    <div
      role="tablist"
      tabIndex={-1}
      aria-label={t.results.label}
      className={styles['views']}
      onKeyDown={onKeyDown}
    >
      {VIEWS.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`logs-view-${name}`}
          aria-selected={name === view}
          aria-controls="logs-view"
          tabIndex={name === view ? 0 : -1}
          className={styles['view']}
          onClick={() => onChange(name)}
        >
          {t.results[name]}
        </button>
      ))}
    </div>
  )
}

function Rows({ view, tab, run, onSelection }: ResultsPaneProps & { readonly view: View }) {
  if (run.status === 'idle') return <FirstVisit />
  if (run.status === 'failed' && run.error) return <FailedRun tab={tab} run={run} error={run.error} />
  if (run.status === 'cancelled' && !run.result) return <EmptyState title={t.run.cancelled} />
  if (!run.result) return isUnderWay(run) ? <EmptyState title={t.results.running} /> : null
  if (view === 'chart') {
    return <ChartView tab={tab} run={run} result={run.result} />
  }
  return <RowsView tab={tab} run={run} result={run.result} onSelection={onSelection} />
}
