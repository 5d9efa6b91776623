import { useQuery } from '@tanstack/react-query'
import { t } from '@/i18n/en/logs'
import { formatBytes, formatShortCount } from '@/lib/format'
import type { Checked } from '../editor/useFindings'
import { workspacesOf } from '../tabs/store'
import type { Tab } from '../tabs/tab'
import { estimateQuery } from './estimate'
import { sentTimespan } from './statement'
import styles from './run.module.css'

interface EstimateProps {
  readonly tab: Tab
  readonly checked: Checked | null
}

/** What a run would look at, before it is run. Only of a text that was looked at and has no error. */
export function Estimate({ tab, checked }: EstimateProps) {
  const isSound = checked !== null && !checked.findings.some((finding) => finding.severity === 'error')
  const text = isSound ? checked.text : ''
  const { data } = useQuery(estimateQuery(workspacesOf(tab), text, sentTimespan(tab.timespan, text)))
  if (!data || data.rows === null || data.bytes === null || data.tables.length === 0) return null
  return (
    <span
      className={styles['estimate']}
      title={t.run.estimateHint(data.tables.map((table) => table.name).join(', '))}
    >
      {t.run.estimate(formatShortCount(data.rows), formatBytes(data.bytes))}
    </span>
  )
}
