import { useEffect, useState } from 'react'
import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/logs'
import { ErrorState } from '@/ui/ErrorState'
import { Problem } from '../editor/Problems'
import problems from '../editor/problems.module.css'
import { runAgain } from '../run/run'
import type { RunError, RunState } from '../run/state'
import type { Tab } from '../tabs/tab'
import styles from './results.module.css'

/** Why a run gave nothing: at its place in the text where it has one, else what to quote. Too many runs try again. */
export function FailedRun({
  tab,
  error,
}: {
  readonly tab: Tab
  readonly run: RunState
  readonly error: RunError
}) {
  const { status, code, message, correlationId } = error
  const left = useCountdown(error.retryAfterSeconds, () => void runAgain(tab))
  if (error.findings.length > 0) {
    return (
      <div className={styles['error']} role="alert">
        <strong>{t.results.failed}</strong>
        <ul className={problems['problems']} aria-label={t.editor.problems}>
          {error.findings.map((finding) => (
            <Problem key={`${finding.start}${finding.message}`} text={tab.text} finding={finding} />
          ))}
        </ul>
      </div>
    )
  }
  return (
    <div className={styles['error']}>
      <ErrorState
        error={new ApiError(status, code, message, [], correlationId, left)}
        retry={() => void runAgain(tab)}
      />
    </div>
  )
}

function useCountdown(seconds: number | null, onEnd: () => void): number | null {
  const [left, setLeft] = useState(seconds)
  useEffect(() => {
    if (left === null) return
    const timer = setTimeout(() => (left <= 1 ? onEnd() : setLeft(left - 1)), 1000)
    return () => clearTimeout(timer)
  })
  return left
}
