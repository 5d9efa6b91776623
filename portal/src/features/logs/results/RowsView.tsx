import { useMemo, useState } from 'react'
import { PLAIN_LAYOUT, ResultGrid, type GridLayout, type StepRow } from '@/grid'
import { t } from '@/i18n/en/logs'
import { useTimeZone } from '@/lib/preferences'
import { Splitter } from '@/ui/Splitter'
import { useResultState, type Result, type Summary } from '@/workers/result'
import { ComparePane } from '../compare/ComparePane'
import type { Comparison } from '../compare/comparison'
import { DetailsPane } from '../details/DetailsPane'
import { editQuery } from '../run/edit'
import { runAgain } from '../run/run'
import type { RunState } from '../run/state'
import { useTabs } from '../tabs/store'
import type { Tab } from '../tabs/tab'
import { HistogramBar } from './HistogramBar'
import { linkOf } from './links'
import { NoRows } from './NoRows'
import { openSurrounding } from './surrounding'
import styles from './results.module.css'

interface RowsViewProps {
  readonly tab: Tab
  readonly run: RunState
  readonly result: Result
  readonly onSelection: (selection: Summary | null) => void
}

/** A row whose details are shown beside the grid. */
interface Pinned {
  readonly of: Result
  readonly row: number
  readonly step: StepRow
}

/** The rows, where in time they lie, and beside them the row that was pinned. */
export function RowsView({ tab, run, result, onSelection }: RowsViewProps) {
  const [painted, setPainted] = useState<Result | null>(null)
  const [pinned, setPinned] = useState<Pinned | null>(null)
  const [comparison, setComparison] = useState<Comparison | null>(null)
  const timeZone = useTimeZone()
  const state = useResultState(result)
  const open = pinned?.of === result ? pinned : null
  const compared = comparison?.run.id === run.id ? comparison : null
  if (run.status === 'done' && state.isComplete && state.loaded === 0) return <NoRows run={run} />
  const grid = (
    <Grid
      tab={tab}
      result={result}
      onSelection={onSelection}
      onFirstPaint={() => setPainted(result)}
      onOpen={(row, step) => setPinned({ of: result, row, step })}
    />
  )
  const details = (shown: Pinned) => (
    <DetailsPane
      result={result}
      row={shown.row}
      step={shown.step}
      timeZone={timeZone}
      onMove={(row) => setPinned({ ...shown, row })}
      onEdit={(edit) => void editQuery(edit)}
      onSurrounding={(around) => openSurrounding(run, around)}
      onClose={() => setPinned(null)}
    />
  )
  return (
    <>
      <HistogramBar tabId={tab.id} run={run} isPainted={painted === result} onCompare={setComparison} />
      {compared && <ComparePane comparison={compared} onClose={() => setComparison(null)} />}
      <div className={styles['grid']} hidden={compared !== null}>
        {/* The rows stay the same pane, so that they stay where they are when the other one opens. */}
        <Splitter
          id={open ? 'logs.details' : 'logs.rows'}
          panes={[
            { id: 'rows', label: t.panes.results, content: grid, size: open ? 62 : 100, minimum: 240 },
            ...(open
              ? [
                  {
                    id: 'details',
                    label: t.panes.resizeDetails,
                    content: details(open),
                    size: 38,
                    minimum: 240,
                  },
                ]
              : []),
          ]}
        />
      </div>
    </>
  )
}

interface GridProps {
  readonly tab: Tab
  readonly result: Result
  readonly onSelection: (selection: Summary | null) => void
  readonly onFirstPaint: () => void
  readonly onOpen: (row: number, step: StepRow) => void
}

function Grid({ tab, result, onSelection, onFirstPaint, onOpen }: GridProps) {
  // A draft may be older than what a layout has by now.
  const layout = useMemo((): GridLayout => ({ ...PLAIN_LAYOUT, ...tab.layout }), [tab.layout])
  const timeZone = useTimeZone()
  return (
    <ResultGrid
      result={result}
      label={t.results.label}
      timeZone={timeZone}
      layout={layout}
      onLayoutChange={(next) => useTabs.getState().change(tab.id, { layout: { ...next } })}
      onEdit={(edit) => void editQuery(edit)}
      onOpen={onOpen}
      onSelection={onSelection}
      onFirstPaint={onFirstPaint}
      onRetry={() => void runAgain(tab)}
      linkOf={linkOf}
    />
  )
}
