import { t } from '@/i18n/en/logs'
import { formatBytes, formatCount } from '@/lib/format'
import { useTimeZone } from '@/lib/preferences'
import { formatSeconds, formatTimespan } from '@/lib/time'
import { EmptyState } from '@/ui/EmptyState'
import type { RunState } from '../run/state'
import styles from './results.module.css'

/** What a run cost. */
export function StatisticsView({ run }: { readonly run: RunState }) {
  const timeZone = useTimeZone()
  const { statistics } = run
  if (!statistics) return <EmptyState title={t.statistics.empty} />
  const measured = (value: number | null, format: (value: number) => string) =>
    value === null ? t.statistics.notMeasured : format(value)
  const facts: [string, string][] = [
    [t.statistics.elapsed, formatSeconds(statistics.elapsedSeconds)],
    [t.statistics.cpu, measured(statistics.cpuSeconds, formatSeconds)],
    [t.statistics.memory, measured(statistics.peakMemoryBytes, formatBytes)],
    [t.statistics.rowsRead, formatCount(statistics.rowsRead)],
    [t.statistics.bytesRead, formatBytes(statistics.bytesRead)],
    [t.statistics.resultRows, formatCount(statistics.resultRows)],
    [t.statistics.resultBytes, formatBytes(statistics.resultBytes)],
    [
      t.statistics.timespan,
      run.timespan === null ? t.statistics.inQuery : formatTimespan(run.timespan, timeZone),
    ],
    [t.statistics.limit, formatCount(run.maximumRows)],
    [t.statistics.workspaces, run.workspaces.join(', ')],
    [t.statistics.runId, run.id ?? ''],
  ]
  return (
    <div className={styles['scroll']}>
      <table className={styles['facts']}>
        <caption className={styles['hidden']}>{t.statistics.caption}</caption>
        <thead className={styles['hidden']}>
          <tr>
            <th scope="col">{t.statistics.what}</th>
            <th scope="col">{t.statistics.value}</th>
          </tr>
        </thead>
        <tbody>
          {facts.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
