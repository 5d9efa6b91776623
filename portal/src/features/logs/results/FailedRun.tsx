import { useEffect, useState } from 'react'
import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/logs'
import { t as words } from '@/i18n/en/results'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { NeededAccess } from '../access/NeededAccess'
import { UnreadableTables } from '../access/UnreadableTables'
import { Problem } from '../editor/Problems'
import problems from '../editor/problems.module.css'
import { runAgain } from '../run/run'
import type { RunError, RunState } from '../run/state'
import type { Tab } from '../tabs/tab'
import styles from './results.module.css'

const QUERY_ACTION = 'Microsoft.OperationalInsights/workspaces/query/read'

interface FailedRunProps {
  readonly tab: Tab
  readonly run: RunState
  readonly error: RunError
}

/** Why a run gave nothing: at its place in the text where it has one, else what to do about it and what to quote. */
export function FailedRun({ tab, run, error }: FailedRunProps) {
  if (error.findings.length > 0) return <Refused tab={tab} run={run} error={error} />
  return (
    <div className={styles['error']}>
      {error.code === 'InsufficientAccess' ? (
        <NeededAccess
          what={words.theWorkspace}
          action={QUERY_ACTION}
          scope={new URLSearchParams(error.missingRight).get('scope') ?? ''}
          message={error.message}
        />
      ) : error.status === 0 ? (
        <Unreachable tab={tab} />
      ) : (
        // Another failure has another countdown.
        <Retried key={run.startedAt?.getTime()} tab={tab} error={error} />
      )}
    </div>
  )
}

function Refused({ tab, run, error }: FailedRunProps) {
  return (
    <div className={styles['error']} role="alert">
      <UnreadableTables run={run} />
      <strong>{t.results.failed}</strong>
      <ul className={problems['problems']} aria-label={t.editor.problems}>
        {error.findings.map((finding) => (
          <Problem key={`${finding.start}${finding.message}`} text={tab.text} finding={finding} />
        ))}
      </ul>
    </div>
  )
}

/** Without a way to the server the text stays where it is; the same query runs again on a press. */
function Unreachable({ tab }: { readonly tab: Tab }) {
  return (
    <div role="alert">
      <EmptyState
        title={words.unreachable}
        text={words.unreachableText}
        actions={<Button onPress={() => void runAgain(tab)}>{words.runAgain}</Button>}
      />
    </div>
  )
}

/** Too many runs are tried again when the server said so. */
function Retried({ tab, error }: { readonly tab: Tab; readonly error: RunError }) {
  const { status, code, message, correlationId, retryAfterSeconds } = error
  const left = useCountdown(retryAfterSeconds, () => void runAgain(tab))
  return (
    <ErrorState
      error={new ApiError(status, code, message, [], correlationId, left)}
      retry={() => void runAgain(tab)}
    />
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
