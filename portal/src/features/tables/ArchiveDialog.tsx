import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { startOperation } from '@/app/notices'
import { t } from '@/i18n/en/tables'
import { Dialog, Form, RadioGroup, TextArea, TextField } from '@/ui'
import { readArchive, type Table } from './api'

interface Props {
  readonly table: Table
  readonly isOpen: boolean
  readonly onClose: () => void
}

type Kind = 'search' | 'restore'

/** Reads archived records into a table of their own: those that a query finds, or all of a range. */
export function ArchiveDialog({ table, isOpen, onClose }: Props) {
  const client = useQueryClient()
  const [kind, setKind] = useState<Kind>('search')

  function submit(form: FormData) {
    const target = String(form.get('target'))
    const work = readArchive({
      table,
      target,
      from: `${String(form.get('from'))}Z`,
      to: `${String(form.get('to'))}Z`,
      query: kind === 'search' ? String(form.get('query')) : null,
    })
    onClose()
    // It may take long: the bell tells how it ends.
    void startOperation(t.started(target), work).then(
      () => refresh(client, ['tables']),
      () => undefined,
    )
  }

  return (
    <Dialog title={t.archive} isOpen={isOpen} onClose={onClose}>
      <p>{t.archiveText}</p>
      <Form onSubmit={submit} submitLabel={t.start} onCancel={onClose}>
        <RadioGroup
          label={t.archive}
          items={[
            { id: 'search', label: t.search },
            { id: 'restore', label: t.restore },
          ]}
          value={kind}
          onChange={(next) => setKind(next as Kind)}
        />
        <TextField label={t.from} name="from" type="datetime-local" isRequired />
        <TextField label={t.to} name="to" type="datetime-local" isRequired />
        {kind === 'search' && (
          <TextArea
            label={t.query}
            name="query"
            defaultValue={`${table.name}\n| where true`}
            isCode
            isRequired
          />
        )}
        <TextField
          key={kind}
          label={t.target(kind === 'search' ? '_SRCH' : '_RST')}
          name="target"
          defaultValue={`${table.name.replace(/_CL$/, '')}${kind === 'search' ? '_SRCH' : '_RST'}`}
          isCode
          isRequired
        />
      </Form>
    </Dialog>
  )
}
