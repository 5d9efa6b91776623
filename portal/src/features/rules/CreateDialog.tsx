import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/rules'
import type { RecordColumn } from '@/lib/record-columns'
import { Dialog, Form, TextField, toast } from '@/ui'
import { createRule } from './api'
import { TestBench } from './TestBench'

interface Props {
  /** The workspace's resource id, its location and its customer id. */
  readonly resource: string
  readonly location: string
  readonly workspace: string | null
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Makes a rule with one stream, whose columns are read off sample records. */
export function CreateDialog({ isOpen, onClose, ...rest }: Props) {
  return (
    <Dialog title={t.create} isOpen={isOpen} onClose={onClose} size="full">
      <CreateForm {...rest} onClose={onClose} />
    </Dialog>
  )
}

function CreateForm({ resource, location, workspace, onClose }: Omit<Props, 'isOpen'>) {
  const client = useQueryClient()
  const [table, setTable] = useState('')
  const [kql, setKql] = useState('')
  const [columns, setColumns] = useState<readonly RecordColumn[]>([])

  async function submit(form: FormData) {
    const name = String(form.get('name'))
    await createRule({ workspace: resource, location, name, table, columns, transformKql: kql })
    await refresh(client, ['rules'])
    toast(t.created(name))
    onClose()
  }

  return (
    <Form onSubmit={submit} submitLabel={t.create} onCancel={onClose} isDisabled={columns.length === 0}>
      <TextField autoFocus label={t.name} description={t.nameHelp} name="name" isCode isRequired />
      <TextField
        label={t.table}
        description={t.tableHelp}
        isCode
        isRequired
        value={table}
        onChange={setTable}
      />
      <TestBench workspace={workspace} table={table} kql={kql} onKql={setKql} onColumns={setColumns} />
    </Form>
  )
}
