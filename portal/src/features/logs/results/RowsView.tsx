import { useState } from 'react'
import { ResultGrid, type GridLayout } from '@/grid'
import { t } from '@/i18n/en/logs'
import { useTimeZone } from '@/lib/preferences'
import { useResultState, type Result, type Summary } from '@/workers/result'
import { editQuery } from '../run/edit'
import { runAgain } from '../run/run'
import type { RunState } from '../run/state'
import { useTabs } from '../tabs/store'
import type { Tab } from '../tabs/tab'
import { HistogramBar } from './HistogramBar'
import { linkOf } from './links'
import { NoRows } from './NoRows'
import styles from './results.module.css'

interface RowsViewProps {
  readonly tab: Tab
  readonly run: RunState
  readonly result: Result
  readonly onSelection: (selection: Summary | null) => void
}

/** The rows, where in time they lie, and beside them the row that was pinned. */
export function RowsView({ tab, run, result, onSelection }: RowsViewProps) {
  const [painted, setPainted] = useState<Result | null>(null)
  const state = useResultState(result)
  if (run.status === 'done' && state.isComplete && state.loaded === 0) return <NoRows run={run} />
  const grid = (
    <Grid tab={tab} result={result} onSelection={onSelection} onFirstPaint={() => setPainted(result)} />
  )
  return (
    <>
      <HistogramBar tabId={tab.id} run={run} isPainted={painted === result} />
      <div className={styles['grid']}>{grid}</div>
    </>
  )
}

interface GridProps {
  readonly tab: Tab
  readonly result: Result
  readonly onSelection: (selection: Summary | null) => void
  readonly onFirstPaint: () => void
}

function Grid({ tab, result, onSelection, onFirstPaint }: GridProps) {
  const timeZone = useTimeZone()
  return (
    <ResultGrid
      result={result}
      label={t.results.label}
      timeZone={timeZone}
      {...(tab.layout ? { layout: tab.layout as unknown as GridLayout } : {})}
      onLayoutChange={(layout) => useTabs.getState().change(tab.id, { layout: { ...layout } })}
      onEdit={(edit) => void editQuery(edit)}
      onSelection={onSelection}
      onFirstPaint={onFirstPaint}
      onRetry={() => void runAgain(tab)}
      linkOf={linkOf}
    />
  )
}
