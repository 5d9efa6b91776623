import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useScope } from '@/app/scope'
import { useWorkspace } from '@/app/scopes'
import { useSession } from '@/app/session'
import { t } from '@/i18n/en/tables'
import { useUrlState } from '@/lib/url-state'
import { Button, Bytes, Checkbox, EmptyState, ListPage, Time, type ListColumn } from '@/ui'
import { CreateDialog } from './CreateDialog'
import { RetentionBar } from './RetentionBar'
import { TableDetails } from './TableDetails'
import { tablesQuery, volumesQuery, type Table, type Volume } from './api'

const RATE = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 })

export type TableRow = Table & { readonly volume: Volume | undefined }

const COLUMNS: readonly ListColumn<TableRow>[] = [
  { id: 'name', label: t.name, grow: 2, value: (row) => row.name },
  {
    id: 'kind',
    label: t.kind,
    value: (row) => t.kinds[row.properties.schema.tableType] ?? row.properties.schema.tableType,
  },
  { id: 'plan', label: t.plan, value: (row) => row.properties.plan },
  {
    id: 'volume',
    label: t.volume,
    align: 'end',
    value: (row) => row.volume?.megabytes,
    cell: (row) => (row.volume ? <Bytes value={row.volume.megabytes * 1e6} /> : null),
  },
  {
    id: 'last',
    label: t.last,
    value: (row) => row.volume?.lastAt,
    cell: (row) => <Time value={row.volume?.lastAt} format="age" />,
  },
  {
    id: 'rate',
    label: t.rate,
    align: 'end',
    value: (row) => row.volume?.rate,
    cell: (row) => row.volume && RATE.format(row.volume.rate),
  },
  {
    id: 'retention',
    label: t.retention,
    grow: 2,
    value: (row) => row.properties.totalRetentionInDays,
    cell: (row) => (
      <RetentionBar
        interactive={row.properties.retentionInDays}
        total={row.properties.totalRetentionInDays}
      />
    ),
  },
]

/** The tables of a workspace: those that hold records, and on request all that could. */
export function Tables() {
  const { permissions } = useSession()
  const { workspace } = useScope()
  const scope = useWorkspace()
  const id = scope.data?.id ?? ''
  const [all, setAll] = useUrlState('all')
  const [isCreating, setCreating] = useState(false)
  const tables = useQuery(tablesQuery(id))
  const volumes = useQuery(volumesQuery(workspace))
  const rows = tables.data
    ?.map((table): TableRow => ({ ...table, volume: volumes.data?.get(table.name) }))
    .filter((row) => all !== '' || row.volume || row.properties.schema.tableType !== 'Microsoft')

  return (
    <ListPage
      title={t.tables}
      description={t.description}
      columns={COLUMNS}
      rows={volumes.isPending ? undefined : rows}
      rowKey={(row) => row.name}
      error={scope.error ?? tables.error}
      retry={() => void tables.refetch()}
      empty={<EmptyState title={t.none} text={t.noneText} />}
      actions={
        <>
          <Checkbox isSelected={all !== ''} onChange={(isAll) => setAll(isAll ? '1' : '')}>
            {t.showAll}
          </Checkbox>
          {permissions.write && (
            <Button variant="primary" onPress={() => setCreating(true)}>
              {t.create}
            </Button>
          )}
        </>
      }
      panel={(row, close) => ({
        title: row.name,
        content: <TableDetails key={row.name} table={row} canWrite={permissions.write} onDeleted={close} />,
      })}
    >
      <CreateDialog workspace={id} isOpen={isCreating} onClose={() => setCreating(false)} />
    </ListPage>
  )
}
