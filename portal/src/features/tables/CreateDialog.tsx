import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/tables'
import { Dialog, Form, KeyValues, TextArea, TextField, toast } from '@/ui'
import { createTable } from './api'
import { columnsOf, type RecordColumn } from '@/lib/record-columns'

interface Props {
  /** The workspace's resource id. */
  readonly workspace: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Makes a table whose columns are read off sample records. */
export function CreateDialog({ workspace, isOpen, onClose }: Props) {
  return (
    <Dialog title={t.create} isOpen={isOpen} onClose={onClose} size="wide">
      <CreateForm workspace={workspace} onClose={onClose} />
    </Dialog>
  )
}

function CreateForm({ workspace, onClose }: { readonly workspace: string; readonly onClose: () => void }) {
  const client = useQueryClient()
  const [sample, setSample] = useState('')
  const { columns, problem } = readSample(sample)

  async function submit(form: FormData) {
    const name = String(form.get('name'))
    await createTable(workspace, name, columns)
    await refresh(client, ['tables'])
    toast(t.created(name))
    onClose()
  }

  return (
    <Form onSubmit={submit} submitLabel={t.create} onCancel={onClose} isDisabled={columns.length === 0}>
      <p>{t.createText}</p>
      <TextField autoFocus label={t.name} description={t.nameHelp} name="name" isCode isRequired />
      <TextArea
        label={t.sample}
        value={sample}
        onChange={setSample}
        rows={8}
        isCode
        {...(problem === '' ? {} : { error: problem })}
      />
      {columns.length > 0 && (
        <section aria-label={t.found}>
          <KeyValues items={columns.map((column) => [column.name, column.type] as const)} />
        </section>
      )}
    </Form>
  )
}

function readSample(sample: string): { readonly columns: readonly RecordColumn[]; readonly problem: string } {
  if (sample.trim() === '') return { columns: [], problem: '' }
  try {
    return { columns: columnsOf(sample), problem: '' }
  } catch (failure) {
    const problem = failure instanceof SyntaxError ? t.notJson(failure.message) : t.notRecord
    return { columns: [], problem }
  }
}
