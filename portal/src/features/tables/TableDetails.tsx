import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { useScope, workspacePath } from '@/app/scope'
import { t } from '@/i18n/en/tables'
import { Button, ConfirmButton, LinkButton, toast } from '@/ui'
import { ArchiveDialog } from './ArchiveDialog'
import { deleteTable, type Table } from './api'
import { Reading } from './Reading'
import { Schema } from './Schema'
import { SettingsForm } from './SettingsForm'

interface Props {
  readonly table: Table
  readonly canWrite: boolean
  readonly onDeleted: () => void
}

/** One table: what it is for, how long it keeps records, its columns, its archive, its end. */
export function TableDetails({ table, canWrite, onDeleted }: Props) {
  const { tenant, workspace } = useScope()
  const [isReading, setReading] = useState(false)
  const { description, tableType } = table.properties.schema
  const isDerived = tableType === 'SearchResults' || tableType === 'RestoredLogs'
  return (
    <>
      {description && <p>{description}</p>}
      <p>
        <LinkButton
          size="small"
          href={`${workspacePath(tenant, workspace ?? '', 'logs')}?table=${table.name}`}
        >
          {t.openLogs}
        </LinkButton>{' '}
        {canWrite && !isDerived && (
          <Button size="small" onPress={() => setReading(true)}>
            {t.archive}
          </Button>
        )}
      </p>
      {canWrite && table.properties.retentionInDays !== undefined && (
        <SettingsForm key={table.etag} table={table} />
      )}
      {isDerived && <Reading table={table} canWrite={canWrite} />}
      <Schema table={table} canWrite={canWrite && !isDerived} />
      {canWrite && tableType !== 'Microsoft' && <Deletion table={table} onDeleted={onDeleted} />}
      <ArchiveDialog table={table} isOpen={isReading} onClose={() => setReading(false)} />
    </>
  )
}

function Deletion({ table, onDeleted }: { readonly table: Table; readonly onDeleted: () => void }) {
  const client = useQueryClient()

  async function remove() {
    await deleteTable(table)
    toast(t.removed(table.name))
    onDeleted()
    await refresh(client, ['tables'])
  }

  return (
    <ConfirmButton
      label={t.remove}
      variant="danger"
      title={t.removeTitle(table.name)}
      onConfirm={remove}
      name={table.name}
    >
      <p>{t.removeText}</p>
    </ConfirmButton>
  )
}
