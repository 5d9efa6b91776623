import { useQuery, useQueryClient } from '@tanstack/react-query'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/tables'
import { formatBytes, formatCount } from '@/lib/format'
import { ConfirmButton, KeyValues, ProgressBar, Time, toast } from '@/ui'
import { cancelSearch, isReading, tableQuery, type Table } from './api'

interface Props {
  readonly table: Table
  readonly canWrite: boolean
}

/** How far a search job or a restore is, and the end of it. */
export function Reading({ table: listed, canWrite }: Props) {
  const client = useQueryClient()
  const { data: table = listed } = useQuery(tableQuery(listed))
  const { provisioningState, resultStatistics, searchResults, restoredLogs } = table.properties
  const order = searchResults ?? restoredLogs
  const from = order?.startSearchTime ?? order?.startRestoreTime
  const to = order?.endSearchTime ?? order?.endRestoreTime

  async function cancel() {
    await cancelSearch(table)
    await refresh(client, ['tables'])
    toast(t.cancelled)
  }

  return (
    <section aria-label={t.reading}>
      <h3>{t.reading}</h3>
      {resultStatistics && <ProgressBar label={t.readDone} value={resultStatistics.progress} />}
      <KeyValues
        items={[
          [t.readingState, provisioningState],
          [t.readingFrom, order?.sourceTable ?? ''],
          [
            t.readingRange,
            <span key="range">
              <Time value={from} /> – <Time value={to} />
            </span>,
          ],
          [t.readingRows, formatCount(resultStatistics?.ingestedRecords ?? 0)],
          [t.readingScanned, formatBytes((resultStatistics?.scannedGb ?? 0) * 1e9)],
        ]}
      />
      {canWrite && searchResults && isReading(table) && (
        <ConfirmButton label={t.cancel} size="small" title={t.cancelTitle(table.name)} onConfirm={cancel}>
          <p>{t.cancelText}</p>
        </ConfirmButton>
      )}
    </section>
  )
}
