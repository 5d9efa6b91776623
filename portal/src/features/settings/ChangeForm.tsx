import { useQueryClient } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { armGet, armPatch } from '@/api/arm'
import { ApiError } from '@/api/client'
import { workspaceResourceQuery, WORKSPACE_VERSION, type Workspace } from '@/api/workspaces'
import { t } from '@/i18n/en/settings'
import { Button, Form, toast } from '@/ui'
import { differencesOf, documentOf, editedOf, type Difference, type Values } from './changes'
import css from './settings.module.css'

interface ChangeFormProps {
  readonly workspace: Workspace
  /** What of a workspace the form is about. */
  readonly read: (workspace: Workspace) => Values
  /** The same of what is filled in. */
  readonly collect: (form: FormData) => Values
  /** The fields, filled with a workspace. */
  readonly children: (workspace: Workspace) => ReactNode
}

interface Conflict {
  readonly newest: Workspace
  readonly mine: Values
  readonly differences: readonly Difference[]
}

/**
 * Changes parts of a workspace: what somebody edited and nothing else. When somebody else changed the workspace
 * meanwhile that goes through all the same, unless both changed the same: then the person decides.
 */
export function ChangeForm({ workspace, read, collect, children }: ChangeFormProps) {
  const client = useQueryClient()
  // What the fields began with: a reading in the background must not take away what is being typed.
  const [base, setBase] = useState(workspace)
  const [conflict, setConflict] = useState<Conflict | null>(null)

  function show(newest: Workspace) {
    client.setQueryData(workspaceResourceQuery(newest.id).queryKey, newest)
    setBase(newest)
    setConflict(null)
  }

  async function save(mine: Values, etag: string | undefined): Promise<void> {
    try {
      show(await armPatch<Workspace>(base.id, WORKSPACE_VERSION, documentOf(mine), { etag }))
      toast(t.saved)
    } catch (failure) {
      if (!(failure instanceof ApiError) || failure.status !== 412) throw failure
      const newest = await armGet<Workspace>(base.id, WORKSPACE_VERSION)
      const differences = differencesOf(read(base), read(newest), mine)
      if (differences.length > 0) setConflict({ newest, mine, differences })
      else await save(mine, newest.etag)
    }
  }

  async function submit(form: FormData) {
    const mine = editedOf(read(base), collect(form))
    setConflict(null)
    if (Object.keys(mine).length === 0) toast(t.unchanged)
    else await save(mine, base.etag)
  }

  return (
    <>
      <Form key={base.etag} onSubmit={submit} submitLabel={t.save}>
        {children(base)}
      </Form>
      {conflict && (
        <ConflictForm
          conflict={conflict}
          onOverwrite={() => save(conflict.mine, conflict.newest.etag)}
          onGiveUp={() => show(conflict.newest)}
        />
      )}
    </>
  )
}

interface ConflictFormProps {
  readonly conflict: Conflict
  readonly onOverwrite: () => Promise<void>
  readonly onGiveUp: () => void
}

function ConflictForm({ conflict, onOverwrite, onGiveUp }: ConflictFormProps) {
  return (
    <section className={css['conflict']} role="alert" aria-label={t.conflict}>
      <Form
        onSubmit={onOverwrite}
        submitLabel={t.overwrite}
        actions={<Button onPress={onGiveUp}>{t.takeTheirs}</Button>}
      >
        <p>{t.conflictText}</p>
        <table className={css['differences']}>
          <thead>
            <tr>
              <th scope="col">{t.setting}</th>
              <th scope="col">{t.was}</th>
              <th scope="col">{t.isNow}</th>
              <th scope="col">{t.yours}</th>
            </tr>
          </thead>
          <tbody>
            {conflict.differences.map(({ path, was, now, mine }) => (
              <tr key={path}>
                <th scope="row">{t.members[path] ?? path}</th>
                {[was, now, mine].map((value, index) => (
                  // oxlint-disable-next-line react/no-array-index-key -- three columns, always the same
                  <td key={index}>{printValue(value)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Form>
    </section>
  )
}

/** A value of a setting in words. */
export function printValue(value: unknown): string {
  if (value === true) return t.on
  if (value === false) return t.off
  if (value === -1 || value === undefined || value === null) return t.none
  if (Array.isArray(value)) return value.length === 0 ? t.none : value.join(', ')
  if (typeof value === 'object') {
    const pairs = Object.entries(value).map(([name, text]) => `${name} = ${String(text)}`)
    return pairs.length === 0 ? t.none : pairs.join(', ')
  }
  return t.values[String(value)] ?? String(value)
}
