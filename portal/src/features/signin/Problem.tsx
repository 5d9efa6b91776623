import { CircleAlert } from 'lucide-react'
import { useEffect, useState } from 'react'
import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/signin'
import { formatSeconds } from '@/lib/time'
import css from './signin.module.css'

/** Why one was not let in, in words; a lock counts down. */
export function Problem({ problem }: { problem: unknown }) {
  const wait = problem instanceof ApiError ? problem.retryAfterSeconds : null
  return (
    <div role="alert">
      {problem !== null && (
        <div className={css['problem']}>
          <CircleAlert aria-hidden />
          <span>{problem instanceof Error ? problem.message : String(problem)}</span>
        </div>
      )}
      {wait !== null && <Countdown key={wait} seconds={wait} />}
    </div>
  )
}

function Countdown({ seconds }: { seconds: number }) {
  const [left, setLeft] = useState(seconds)
  useEffect(() => {
    const endsAt = Date.now() + seconds * 1000
    const timer = setInterval(() => setLeft(Math.max(0, Math.ceil((endsAt - Date.now()) / 1000))), 1000)
    return () => clearInterval(timer)
  }, [seconds])
  return (
    // Each second read aloud would drown everything else.
    <p className={css['text']} aria-live="off">
      {left > 0 ? t.lockedFor(formatSeconds(left)) : t.tryNow}
    </p>
  )
}
