import { useState } from 'react'
import { t } from '@/i18n/en/logs'
import { usePreferences, useTimeZone } from '@/lib/preferences'
import { Button } from '@/ui/Button'
import { Histogram } from '@/viz'
import { backToLastRange, rangeBefore, setTimespan } from '../run/range'
import { comparisonOf, type Comparison } from '../compare/comparison'
import type { RunState } from '../run/state'
import { isHistogramOf, useHistogram } from './useHistogram'
import styles from './results.module.css'

const PANE = 'logs.histogram'
const BREAKDOWN_TYPES = new Set(['string', 'bool', 'int', 'guid'])

interface HistogramBarProps {
  readonly tabId: string
  readonly run: RunState
  readonly isPainted: boolean
  readonly onCompare: (comparison: Comparison) => void
}

/** Where in time the rows lie. Whoever hides it doesn't pay for it any more, until it is shown again. */
export function HistogramBar(props: HistogramBarProps) {
  const { run } = props
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
  return <Bars {...props} />
}

function Bars({ tabId, run, isPainted, onCompare }: HistogramBarProps) {
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
        {...(rangeBefore(tabId) === null ? {} : { onBack: backToLastRange })}
        onHide={() => setHidden(true)}
        onCompare={(picked) => {
          const comparison = comparisonOf(run, picked, rangeBefore(tabId))
          if (comparison) onCompare(comparison)
        }}
      />
    </div>
  )
}

function setHidden(isHidden: boolean): void {
  const { panes, change } = usePreferences.getState()
  change({ panes: { ...panes, [PANE]: { hidden: isHidden ? 1 : 0 } } })
}
