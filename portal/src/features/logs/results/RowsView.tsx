import { useState } from 'react'
import { ResultGrid, type GridLayout } from '@/grid'
import { t } from '@/i18n/en/logs'
import { usePreferences, useTimeZone } from '@/lib/preferences'
import { Splitter } from '@/ui/Splitter'
import { useResultState, type Result } from '@/workers/result'
import { DetailsPane } from '../details'
import { editQuery } from '../run/edit'
import type { RunState } from '../run/state'
import type { SelectionSummary } from '../run/StatusLine'
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
  readonly onSelection: (selection: SelectionSummary | null) => void
}

/** The rows, where in time they lie, and beside them the row that was pinned. */
export function RowsView({ tab, run, result, onSelection }: RowsViewProps) {
  const [painted, setPainted] = useState<Result | null>(null)
  const [pinned, setPinned] = useState<{ of: Result; row: number } | null>(null)
  const state = useResultState(result)
  const row = pinned?.of === result ? pinned.row : null
  if (run.status === 'done' && state.isComplete && state.loaded === 0) return <NoRows run={run} />
  const grid = (
    <Grid
      tab={tab}
      result={result}
      onSelection={onSelection}
      onFirstPaint={() => setPainted(result)}
      onOpen={(opened) => setPinned({ of: result, row: opened })}
    />
  )
  return (
    <>
      <HistogramBar tabId={tab.id} run={run} isPainted={painted === result} />
      <div className={styles['grid']}>
        {row === null ? (
          grid
        ) : (
          <Splitter
            id="logs.details"
            panes={[
              { id: 'rows', label: t.panes.results, content: grid, size: 62, minimum: 240 },
              {
                id: 'details',
                label: t.panes.resizeDetails,
                minimum: 240,
                content: (
                  <DetailsPane
                    result={result}
                    row={row}
                    onMove={(moved) => setPinned({ of: result, row: moved })}
                    onEdit={(edit) => void editQuery(edit)}
                    onSurrounding={(around) => openSurrounding(run, around)}
                    onClose={() => setPinned(null)}
                  />
                ),
              },
            ]}
          />
        )}
      </div>
    </>
  )
}

interface GridProps {
  readonly tab: Tab
  readonly result: Result
  readonly onSelection: (selection: SelectionSummary | null) => void
  readonly onFirstPaint: () => void
  readonly onOpen: (row: number) => void
}

function Grid({ tab, result, onSelection, onFirstPaint, onOpen }: GridProps) {
  const timeZone = useTimeZone()
  const density = usePreferences((preferences) => preferences.density)
  return (
    <ResultGrid
      result={result}
      label={t.results.label}
      timeZone={timeZone}
      density={density}
      {...(tab.layout ? { layout: tab.layout as unknown as GridLayout } : {})}
      onLayoutChange={(layout) => useTabs.getState().change(tab.id, { layout: { ...layout } })}
      onEdit={(edit) => void editQuery(edit)}
      onOpen={onOpen}
      onSelection={onSelection}
      onFirstPaint={onFirstPaint}
      linkOf={linkOf}
    />
  )
}
