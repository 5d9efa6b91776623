import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/tables'
import { Form, KeyValues, Select, TextField, toast } from '@/ui'
import { addColumn, type Table } from './api'

const TYPES = ['string', 'int', 'long', 'real', 'boolean', 'datetime', 'guid', 'dynamic'] as const

/** The columns of a table, and a way to add one. */
export function Schema({ table, canWrite }: { readonly table: Table; readonly canWrite: boolean }) {
  const { columns, standardColumns } = table.properties.schema
  return (
    <section aria-label={t.columns}>
      <h3>{t.columns}</h3>
      <KeyValues
        items={[...columns, ...standardColumns].map((column) => [column.name, column.type] as const)}
      />
      {canWrite && <ColumnForm key={columns.length} table={table} />}
    </section>
  )
}

function ColumnForm({ table }: { readonly table: Table }) {
  const client = useQueryClient()
  const [type, setType] = useState<(typeof TYPES)[number]>('string')

  async function submit(form: FormData) {
    const name = String(form.get('name'))
    await addColumn(table, { name, type })
    await refresh(client, ['tables'])
    toast(t.columnAdded(name))
  }

  return (
    <Form onSubmit={submit} submitLabel={t.addColumn}>
      <TextField label={t.columnName} name="name" isCode isRequired />
      <Select
        label={t.type}
        items={TYPES.map((one) => ({ id: one, label: one }))}
        value={type}
        onChange={setType}
      />
    </Form>
  )
}
