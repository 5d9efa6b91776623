import { useState } from 'react'
import { t } from '@/i18n/en/logs'
import { usePreferences, useTimeZone } from '@/lib/preferences'
import { Button } from '@/ui/Button'
import { Histogram } from '@/viz'
import { backToLastRange, canGoBack, setTimespan } from '../run/range'
import { runCompare } from './compare'
import type { RunState } from '../run/state'
import { isHistogramOf, useHistogram } from './useHistogram'
import styles from './results.module.css'

const PANE = 'logs.histogram'
const BREAKDOWN_TYPES = new Set(['string', 'bool', 'int', 'guid'])

/** Where in time the rows lie. Whoever hides it doesn't pay for it any more, until it is shown again. */
export function HistogramBar({
  tabId,
  run,
  isPainted,
}: {
  readonly tabId: string
  readonly run: RunState
  readonly isPainted: boolean
}) {
  const isHidden = usePreferences((preferences) => preferences.panes[PANE]?.['hidden'] === 1)
  if (!isHistogramOf(run)) return null
  if (isHidden) {
    return (
      <div className={styles['histogramOff']}>
        <Button size="small" variant="quiet" onPress={() => setHidden(false)}>
          {t.results.showHistogram}
        </Button>
      </div>
    )
  }
  return <Bars tabId={tabId} run={run} isPainted={isPainted} />
}

function Bars({
  tabId,
  run,
  isPainted,
}: {
  readonly tabId: string
  readonly run: RunState
  readonly isPainted: boolean
}) {
  const timeZone = useTimeZone()
  const [by, setBy] = useState<string | null>(null)
  const columns = (run.tables[run.shown]?.columns ?? []).filter((column) => BREAKDOWN_TYPES.has(column.type))
  const names = columns.map((column) => column.name)
  const used = by !== null && names.includes(by) ? by : null
  const found = useHistogram(run, isPainted, used)
  if (!found) return null
  return (
    <div className={styles['histogram']}>
      <Histogram
        {...found}
        timeZone={timeZone}
        by={used}
        columns={names}
        onBreakdown={setBy}
        onBrush={({ from, to }) => setTimespan(from, to)}
        {...(canGoBack(tabId) ? { onBack: backToLastRange } : {})}
        onHide={() => setHidden(true)}
        onCompare={(range) => runCompare(run, range)}
      />
    </div>
  )
}

function setHidden(isHidden: boolean): void {
  const { panes, change } = usePreferences.getState()
  change({ panes: { ...panes, [PANE]: { hidden: isHidden ? 1 : 0 } } })
}
