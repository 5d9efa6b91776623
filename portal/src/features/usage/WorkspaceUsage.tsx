import { useQuery } from '@tanstack/react-query'
import { t } from '@/i18n/en/usage'
import { formatBytes } from '@/lib/format'
import { Bytes, EmptyState, ErrorState, ListTable, Meter, Time, type ListColumn } from '@/ui'
import { dayUsageQuery, tableVolumesQuery, type TableVolume } from './api'

interface Props {
  /** The workspace's resource id. */
  readonly resource: string
  readonly name: string
  readonly workspaceId: string | null
}

const COLUMNS: readonly ListColumn<TableVolume>[] = [
  { id: 'table', label: t.table, value: (row) => row.table },
  {
    id: 'volume',
    label: t.volume,
    align: 'end',
    value: (row) => row.bytes,
    cell: (row) => <Bytes value={row.bytes} />,
  },
]

/** What one workspace received: today against its cap, and by table. */
export function WorkspaceUsage({ resource, name, workspaceId }: Props) {
  const day = useQuery(dayUsageQuery(resource))
  const tables = useQuery(tableVolumesQuery(workspaceId))
  const used = day.data ? formatBytes(day.data.currentValue) : ''
  return (
    <section aria-label={name}>
      <h2>{name}</h2>
      {day.error && <ErrorState error={day.error} />}
      {day.data && day.data.limit < 0 && <p>{`${t.today}: ${t.todayUncapped(used)}`}</p>}
      {day.data && day.data.limit >= 0 && (
        <Meter
          label={t.today}
          value={day.data.currentValue}
          maximum={Math.max(day.data.limit, 1)}
          valueLabel={t.todayOf(used, formatBytes(day.data.limit))}
          warningAt={0.8}
          dangerAt={1}
        />
      )}
      {day.data && (
        <p>
          {t.resets} <Time value={day.data.nextResetTime} />
        </p>
      )}
      <h3>{t.tables}</h3>
      <ListTable
        label={t.tables}
        columns={COLUMNS}
        rows={tables.data}
        rowKey={(row) => row.table}
        error={tables.error}
        retry={() => void tables.refetch()}
        empty={<EmptyState title={t.tablesNone} />}
        urlPrefix="tables."
        isPlain
      />
    </section>
  )
}
