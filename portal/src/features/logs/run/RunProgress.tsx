import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { ApiError } from '@/api/client'
import { refresh } from '@/api/refresh'
import { runsQuery } from '@/api/runs'
import { t } from '@/i18n/en/logs'
import { formatBytes, formatShare, formatShortCount } from '@/lib/format'
import { formatSeconds } from '@/lib/time'
import { Button } from '@/ui/Button'
import { toast } from '@/ui/toast'
import { cancel, runInBackground } from './run'
import { isUnderWay, type RunState } from './state'
import styles from './run.module.css'

/** A run that takes longer may go on without the page. */
const SECONDS_BEFORE_OFFER = 3

/** How far a run is, what it has used, and the way to stop it. */
export function RunProgress({ tabId, run }: { readonly tabId: string; readonly run: RunState }) {
  const seconds = useSeconds(run)
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
      {run.isBackground && <span title={t.run.inBackgroundHint}>{t.run.inBackground}</span>}
      <span className={styles['elapsed']}>{seconds.toFixed(1)} s</span>
      {!run.isBackground && run.id && seconds >= SECONDS_BEFORE_OFFER && <BackgroundButton tabId={tabId} />}
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

/** Seconds since the run was begun, as long as it is under way. */
function useSeconds(run: RunState): number {
  const [now, setNow] = useState(() => Date.now())
  const isRunning = isUnderWay(run)
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(() => setNow(Date.now()), 100)
    return () => clearInterval(timer)
  }, [isRunning])
  return run.startedAt ? Math.max(0, now - run.startedAt.getTime()) / 1000 : 0
}

function BackgroundButton({ tabId }: { readonly tabId: string }) {
  const client = useQueryClient()
  const [isPending, setPending] = useState(false)
  async function move() {
    setPending(true)
    try {
      await runInBackground(tabId)
      await refresh(client, runsQuery.queryKey)
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      toast({ title: failure.message, tone: 'danger' })
    } finally {
      setPending(false)
    }
  }
  return (
    <Button size="small" isPending={isPending} onPress={() => void move()}>
      {t.run.runInBackground}
    </Button>
  )
}
