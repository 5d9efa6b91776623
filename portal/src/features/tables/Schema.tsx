import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/tables'
import { Button, ConfirmButton, Dialog, Form, KeyValues, Select, TextField, toast } from '@/ui'
import { writeColumns, type Column, type Table } from './api'
import css from './schema.module.css'

const TYPES = ['string', 'int', 'long', 'real', 'boolean', 'datetime', 'guid', 'dynamic'] as const
/** The column that every table has. */
const TIME = 'TimeGenerated'

interface Props {
  readonly table: Table
  readonly canWrite: boolean
}

/** The columns of a table: its own to describe, remove and add to, and the standard ones. */
export function Schema({ table, canWrite }: Props) {
  const { columns, standardColumns } = table.properties.schema
  return (
    <section aria-label={t.columns}>
      <h3>{t.columns}</h3>
      <ul className={css['columns']} aria-label={t.ownColumns}>
        {columns.map((column) => (
          <li key={column.name}>
            <code>{column.name}</code> <span>{column.type}</span>
            {canWrite && <ColumnActions table={table} column={column} />}
            {column.description && <p>{column.description}</p>}
          </li>
        ))}
      </ul>
      {canWrite && <AddColumn key={columns.length} table={table} />}
      {standardColumns.length > 0 && (
        <>
          <h4>{t.standardColumns}</h4>
          <KeyValues items={standardColumns.map((column) => [column.name, column.type] as const)} />
        </>
      )}
    </section>
  )
}

/** Writes the columns, reads the tables anew and says what was done. */
function useColumnChange(table: Table) {
  const client = useQueryClient()
  return async (columns: readonly Column[], done: string) => {
    await writeColumns(table, columns)
    await refresh(client, ['tables'])
    toast(done)
  }
}

interface ColumnProps {
  readonly table: Table
  readonly column: Column
}

function ColumnActions({ table, column }: ColumnProps) {
  const [isOpen, setOpen] = useState(false)
  const change = useColumnChange(table)
  const { columns } = table.properties.schema

  async function describe(form: FormData) {
    const description = String(form.get('description'))
    const changed = columns.map((one) => (one.name === column.name ? { ...one, description } : one))
    await change(changed, t.described(column.name))
    setOpen(false)
  }

  return (
    <span className={css['actions']}>
      <Button size="small" aria-label={t.describe(column.name)} onPress={() => setOpen(true)}>
        {t.describeShort}
      </Button>
      {column.name !== TIME && (
        <ConfirmButton
          label={t.removeColumn}
          size="small"
          title={t.removeColumnTitle(column.name)}
          onConfirm={() =>
            change(
              columns.filter((one) => one.name !== column.name),
              t.columnRemoved(column.name),
            )
          }
        >
          <p>{t.removeColumnText}</p>
        </ConfirmButton>
      )}
      <Dialog title={t.describe(column.name)} isOpen={isOpen} onClose={() => setOpen(false)}>
        <Form onSubmit={describe} submitLabel={t.save} onCancel={() => setOpen(false)}>
          <TextField
            autoFocus
            label={t.columnDescription}
            name="description"
            defaultValue={column.description ?? ''}
          />
        </Form>
      </Dialog>
    </span>
  )
}

function AddColumn({ table }: { readonly table: Table }) {
  const change = useColumnChange(table)
  const [type, setType] = useState<(typeof TYPES)[number]>('string')

  async function submit(form: FormData) {
    const [name, description] = [String(form.get('name')), String(form.get('description'))]
    const column = { name, type, ...(description === '' ? {} : { description }) }
    await change([...table.properties.schema.columns, column], t.columnAdded(name))
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
      <TextField label={t.columnDescription} name="description" />
    </Form>
  )
}
