import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/logs'
import { formatBytes, formatShare, formatShortCount } from '@/lib/format'
import { formatSeconds } from '@/lib/time'
import { Button } from '@/ui/Button'
import { cancel } from './run'
import { isUnderWay, type RunState } from './state'
import styles from './run.module.css'

/** How far a run is, what it has used, and the way to stop it. */
export function RunProgress({ tabId, run }: { readonly tabId: string; readonly run: RunState }) {
  if (!isUnderWay(run)) return null
  const share = shareOf(run)
  const words = wordsOf(run, share)
  return (
    <div className={styles['progress']}>
      <div
        className={styles['track']}
        role="progressbar"
        aria-label={words.what}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(share === null ? {} : { 'aria-valuenow': Math.round(share * 100) })}
      >
        <div
          className={share === null ? styles['endless'] : styles['fill']}
          style={share === null ? {} : { inlineSize: `${share * 100}%` }}
        />
      </div>
      <span>{words.what}</span>
      <span className={styles['figures']}>{words.figures.join(' · ')}</span>
      <Elapsed startedAt={run.startedAt} />
      <Button size="small" onPress={() => void cancel(tabId)}>
        {t.run.cancel}
      </Button>
    </div>
  )
}

function shareOf({ status, progress }: RunState): number | null {
  if (status !== 'running' || !progress?.rowsTotal || progress.rowsRead === null) return null
  return Math.min(1, progress.rowsRead / progress.rowsTotal)
}

function wordsOf(
  { status, progress, queuePosition }: RunState,
  share: number | null,
): { what: string; figures: string[] } {
  if (status === 'starting') return { what: t.run.starting, figures: [] }
  if (status === 'queued') return { what: t.run.queued(queuePosition ?? 1), figures: [] }
  const figures: string[] = []
  if (progress?.rowsRead) {
    const total = progress.rowsTotal ? formatShortCount(progress.rowsTotal) : null
    figures.push(t.run.scanned(formatShortCount(progress.rowsRead), total))
  }
  if (progress?.bytesRead) figures.push(formatBytes(progress.bytesRead))
  if (progress?.cpuSeconds) figures.push(t.run.cpu(formatSeconds(progress.cpuSeconds)))
  return {
    what: share === null ? t.run.scanning : t.run.scanningShare(formatShare(Math.floor(share * 100) / 100)),
    figures,
  }
}

function Elapsed({ startedAt }: { readonly startedAt: Date | null }) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 100)
    return () => clearInterval(timer)
  }, [])
  const seconds = startedAt ? Math.max(0, now - startedAt.getTime()) / 1000 : 0
  return <span className={styles['elapsed']}>{seconds.toFixed(1)} s</span>
}
