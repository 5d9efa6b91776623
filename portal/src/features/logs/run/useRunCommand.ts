import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { usePreferences } from '@/lib/preferences'
import { activeTab, workspacesOf } from '../tabs/store'
import { estimateQuery } from './estimate'
import { runActiveTab } from './run'
import { sentTimespan } from './statement'

const BYTES_OF_GIGABYTE = 1e9

interface RunCommand {
  readonly start: () => void
  /** Bytes that the run would look at, while it waits for a yes; null else. */
  readonly costly: number | null
  readonly confirm: () => void
  readonly dismiss: () => void
}

/** Runs; a query whose estimate is large is asked for once more. An estimate that is not there yet holds nothing up. */
export function useRunCommand(): RunCommand {
  const client = useQueryClient()
  const [costly, setCostly] = useState<number | null>(null)
  const [confirmed, setConfirmed] = useState('')

  const start = useCallback(() => {
    const tab = activeTab()
    const timespan = sentTimespan(tab.timespan, tab.text)
    const { queryKey } = estimateQuery(workspacesOf(tab), tab.text, timespan)
    const bytes = client.getQueryData(queryKey)?.bytes ?? 0
    const isCostly = bytes > usePreferences.getState().askAboveGigabytes * BYTES_OF_GIGABYTE
    if (isCostly && confirmed !== tab.text) setCostly(bytes)
    else void runActiveTab()
  }, [client, confirmed])

  const confirm = () => {
    setConfirmed(activeTab().text)
    setCostly(null)
    void runActiveTab()
  }
  return { start, costly, confirm, dismiss: () => setCostly(null) }
}
