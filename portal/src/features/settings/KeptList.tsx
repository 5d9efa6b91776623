import { useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { armDelete, type Resource } from '@/api/arm'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/settings'
import {
  Button,
  ConfirmButton,
  Dialog,
  EmptyState,
  ListTable,
  Status,
  toast,
  type ListColumn,
  type Tone,
} from '@/ui'
import css from './settings.module.css'

interface KeptListProps<T extends Resource<unknown>> {
  /** What is listed: "Data export rules". */
  readonly title: string
  readonly text: string
  /** How much of it acts today. */
  readonly effect: { readonly tone: Tone; readonly word: string }
  readonly answer: {
    readonly data: readonly T[] | undefined
    readonly error: unknown
    readonly refetch: () => void
  }
  readonly columns: readonly ListColumn<T>[]
  readonly empty: string
  /** The words that make one; absent where the person may not. */
  readonly create: string | undefined
  /** Whether one that is there opens in its form; else as `create`. */
  readonly canOpen?: boolean
  readonly canDelete: boolean
  readonly version: string
  /** What is lost with one. */
  readonly removeText: string
  /** The fields of one, or of a new one; `close` ends the dialog. */
  readonly form: (resource: T | null, close: () => void) => ReactNode
  readonly whoMay: string
}

/** A list of what a workspace keeps beside its tables: each opens in a dialog, is changed and removed there. */
export function KeptList<T extends Resource<unknown>>(props: KeptListProps<T>) {
  const { title, answer, columns, create, canDelete, form } = props
  // The one that is open, null for a new one.
  const [opened, setOpened] = useState<T | null | undefined>()
  const close = () => setOpened(undefined)
  const canOpen = props.canOpen ?? create !== undefined
  return (
    <section className={css['list']} aria-label={title}>
      <p>{props.text}</p>
      <Status tone={props.effect.tone} word={props.effect.word} />
      {create && (
        <div>
          <Button variant="primary" onPress={() => setOpened(null)}>
            {create}
          </Button>
        </div>
      )}
      <ListTable
        label={title}
        columns={columns}
        rows={answer.data}
        rowKey={(row) => row.id}
        rowLabel={(row) => row.name}
        error={answer.error}
        retry={answer.refetch}
        empty={<EmptyState title={props.empty} />}
        isPlain={!canOpen && !canDelete}
        onOpen={setOpened}
      />
      <p className={css['note']}>{props.whoMay}</p>
      <Dialog
        title={opened ? opened.name : (create ?? title)}
        isOpen={opened !== undefined}
        onClose={close}
        size="wide"
      >
        {opened !== undefined && (canOpen || !opened) && form(opened, close)}
        {opened && canDelete && (
          <div>
            <Removal {...props} resource={opened} onRemoved={close} />
          </div>
        )}
      </Dialog>
    </section>
  )
}

interface RemovalProps {
  readonly resource: Resource<unknown>
  readonly version: string
  readonly removeText: string
  readonly onRemoved: () => void
}

function Removal({ resource, version, removeText, onRemoved }: RemovalProps) {
  const client = useQueryClient()
  const { id, name, etag } = resource

  async function remove() {
    await armDelete(id, version, { etag })
    toast(t.removed(name))
    onRemoved()
    await refresh(client, ['kept'])
  }

  return (
    <ConfirmButton
      label={t.remove}
      variant="danger"
      title={t.removeTitle(name)}
      onConfirm={remove}
      name={name}
    >
      <p>{removeText}</p>
    </ConfirmButton>
  )
}
