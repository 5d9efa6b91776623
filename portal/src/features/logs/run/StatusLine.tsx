import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/logs'
import { formatBytes, formatCount } from '@/lib/format'
import { useTimeZone } from '@/lib/preferences'
import { formatSeconds } from '@/lib/time'
import { CopyButton } from '@/ui/CopyButton'
import type { Summary } from '@/workers/result'
import type { Keeping } from '../tabs/drafts'
import { isUnderWay, type RunState } from './state'
import styles from './run.module.css'

interface StatusLineProps {
  readonly run: RunState
  readonly keeping: Keeping
  readonly selection: Summary | null
}

/** One line that says how much one sees, what it cost, and which run it was. */
export function StatusLine({ run, keeping, selection }: StatusLineProps) {
  const timeZone = useTimeZone()
  return (
    <footer className={styles['status']} aria-label={t.status.label}>
      <span>{figuresOf(run).join(' · ')}</span>
      {run.id && run.status !== 'starting' && (
        <span className={styles['runId']}>
          {t.status.run(run.id.slice(0, 8))}
          <CopyButton text={run.id} label={t.status.copyRun} />
        </span>
      )}
      {selection && <span>{t.status.selection({ ...selection, cells: formatCount(selection.cells) })}</span>}
      <span className={styles['space']} />
      <span>{t.status[keeping]}</span>
      <span>{timeZone}</span>
      <Announcement run={run} />
    </footer>
  )
}

function figuresOf(run: RunState): string[] {
  const shown = run.tables[run.shown]
  const figures = shown ? [t.status.shown(formatCount(shown.rowCount))] : []
  const { statistics } = run
  if (!statistics) return figures
  figures.push(
    t.status.scanned(formatCount(statistics.rowsRead)),
    t.status.read(formatBytes(statistics.bytesRead)),
  )
  figures.push(formatSeconds(statistics.elapsedSeconds))
  if (statistics.cpuSeconds !== null) figures.push(t.run.cpu(formatSeconds(statistics.cpuSeconds)))
  if (statistics.peakMemoryBytes !== null)
    figures.push(t.status.peak(formatBytes(statistics.peakMemoryBytes)))
  return figures
}

const SECONDS_BETWEEN = 5

/** What a screen reader is told of a run: its end, and while it lasts now and then how far it is. */
function Announcement({ run }: { readonly run: RunState }) {
  const [text, setText] = useState('')
  const isRunning = isUnderWay(run)
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => setText(t.run.scanning), SECONDS_BETWEEN * 1000)
    return () => clearInterval(timer)
  }, [isRunning])
  const rows = run.tables[run.shown]?.rowCount ?? 0
  const end = endText(run, rows)
  return (
    <span role="status" className={styles['hidden']}>
      {end ?? text}
    </span>
  )
}

function endText({ status, statistics }: RunState, rows: number): string | null {
  if (status === 'done')
    return t.status.done(formatCount(rows), formatSeconds(statistics?.elapsedSeconds ?? 0))
  if (status === 'cancelled') return t.run.cancelled
  return status === 'failed' ? t.status.runFailed : null
}
