import { useState } from 'react'
import { t } from '@/i18n/en/results'
import { useTimeZone } from '@/lib/preferences'
import { formatTimespan, resolveTimespan } from '@/lib/time'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { Time } from '@/ui/Time'
import { runAgain } from '../run/run'
import type { RunState } from '../run/state'
import { filtersTime } from '../run/statement'
import { activeTab, useTabs } from '../tabs/store'
import { useCountedSteps, useLatest } from './lostRows'
import { StepList } from './StepList'
import styles from './steps.module.css'

const RANGES = ['PT24H', 'P7D', 'P30D', ''] as const

/** Nothing matched: in which range, when there was something, and which step of the query took the rows away. */
export function NoRows({ run }: { readonly run: RunState }) {
  const timeZone = useTimeZone()
  const [isAsked, setAsked] = useState(false)
  const latest = useLatest(run)
  const counted = useCountedSteps(run, isAsked)
  const ranges = otherRanges(run, latest)
  return (
    <div className={styles['scroll']}>
      <EmptyState
        title={t.noRows}
        text={
          <div className={styles['facts']}>
            <p>
              {rangeText(run, timeZone)} <Latest at={latest} />
            </p>
            {ranges.length > 0 && (
              <div className={styles['held']}>
                {ranges.map(({ range, isWider }) => (
                  <Button key={range} size="small" onPress={() => widen(range)}>
                    {(isWider ? t.widen : t.lookAt)(formatTimespan(range, timeZone))}
                  </Button>
                ))}
              </div>
            )}
            <StepList run={run} counted={counted} onCount={() => setAsked(true)} />
          </div>
        }
      />
    </div>
  )
}

function Latest({ at }: { readonly at: Date | null | undefined }) {
  if (at === undefined) return null
  if (at === null) return <>{t.never}</>
  return (
    <>
      {t.latest} <Time value={at} format="age" />, <Time value={at} />.
    </>
  )
}

function rangeText({ timespan, query }: RunState, timeZone: string): string {
  if (timespan !== null) return t.noRowsIn(formatTimespan(timespan, timeZone))
  return filtersTime(query) ? t.noRowsInQuery : t.noRowsEver
}

/** Another range to try, and whether all of the run's own lies in it. */
interface OtherRange {
  readonly range: string
  readonly isWider: boolean
}

/** Ranges that begin before the run's own, or end after it: once it is known, only such as the last record lies in. */
export function otherRanges(
  { timespan, startedAt }: Pick<RunState, 'timespan' | 'startedAt'>,
  latest: Date | null | undefined,
): OtherRange[] {
  if (timespan === null || startedAt === null || latest === null) return []
  const own = resolveTimespan(timespan, startedAt)
  if (!own.from) return []
  const from = own.from
  return RANGES.flatMap((range) => {
    const first = range === '' ? null : resolveTimespan(range, startedAt).from
    if (first !== null && latest !== undefined && latest < first) return []
    const isWider = first === null || first < from
    return isWider || own.to < startedAt ? [{ range, isWider }] : []
  })
}

function widen(timespan: string): void {
  useTabs.getState().change(activeTab().id, { timespan })
  void runAgain(activeTab())
}
