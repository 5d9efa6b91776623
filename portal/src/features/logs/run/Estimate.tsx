import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/logs'
import { formatBytes, formatShortCount } from '@/lib/format'
import { useTabs } from '../tabs/store'
import type { Tab } from '../tabs/tab'
import { estimateQuery } from './estimate'
import { filtersTime } from './statement'
import styles from './run.module.css'

const DELAY_MILLISECONDS = 800

/** What a run would look at, before it is run. A text that does not compile has no estimate. */
export function Estimate({ tab }: { readonly tab: Tab }) {
  const workspace = useTabs((state) => state.workspace)
  const text = useSettled(tab.text)
  const timespan = tab.timespan === '' || filtersTime(text) ? null : tab.timespan
  const { data } = useQuery(estimateQuery([workspace, ...tab.also], text, timespan))
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

/** The value when it has not changed for a while. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), DELAY_MILLISECONDS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
