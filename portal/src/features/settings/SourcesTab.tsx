import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError } from '@/api/client'
import { refresh } from '@/api/refresh'
import { WORKSPACE_VERSION, type Workspace } from '@/api/workspaces'
import { useMay } from '@/app/may'
import { t } from '@/i18n/en/settings'
import { Form, KeyValues, Select, TextArea, TextField, toast, type ListColumn } from '@/ui'
import { KeptList } from './KeptList'
import { keepSource, KINDS, sourcesQuery, type DataSource } from './sources'

const TYPE = 'Microsoft.OperationalInsights/workspaces/dataSources'

const COLUMNS: readonly ListColumn<DataSource>[] = [
  { id: 'name', label: t.name, value: (row) => row.name },
  { id: 'kind', label: t.kind, value: (row) => row.kind },
  { id: 'says', label: t.says, grow: 3, value: (row) => JSON.stringify(row.properties) },
]

/** What agents of the older kind are to collect. */
export function SourcesTab({ workspace }: { readonly workspace: Workspace }) {
  const may = useMay(workspace.id)
  const answer = useQuery(sourcesQuery(workspace.id))
  return (
    <KeptList
      title={t.sources}
      text={t.sourcesText}
      effect={{ tone: 'warning', word: t.sourcesEffect }}
      answer={{ ...answer, refetch: () => void answer.refetch() }}
      columns={COLUMNS}
      empty={t.sourcesNone}
      create={may(`${TYPE}/write`) ? t.createSource : undefined}
      canDelete={may(`${TYPE}/delete`)}
      version={WORKSPACE_VERSION}
      removeText={t.removeSource}
      whoMay={t.whoMay(`${TYPE}/write`)}
      form={(resource, close) => <SourceForm workspace={workspace.id} before={resource} onClose={close} />}
    />
  )
}

interface SourceFormProps {
  readonly workspace: string
  readonly before: DataSource | null
  readonly onClose: () => void
}

function SourceForm({ workspace, before, onClose }: SourceFormProps) {
  const client = useQueryClient()
  const [kind, setKind] = useState(before?.kind ?? 'LinuxSyslog')
  const [text, setText] = useState(() => print(before?.properties ?? KINDS[kind]))

  function choose(next: string) {
    // What was written for another kind is of no use to this one; what somebody changed stays.
    if (text === print(KINDS[kind])) setText(print(KINDS[next]))
    setKind(next)
  }

  async function submit(form: FormData) {
    const name = String(form.get('name') ?? '').trim()
    const saved = await keepSource(workspace, name, kind, parse(text), before)
    await refresh(client, ['kept'])
    toast(t.kept(saved.name))
    onClose()
  }

  return (
    <Form onSubmit={submit} submitLabel={t.save} onCancel={onClose}>
      {before ? (
        <KeyValues items={[[t.kind, kind]]} />
      ) : (
        <TextField autoFocus label={t.name} name="name" isRequired />
      )}
      {!before && (
        <Select
          label={t.kind}
          name="kind"
          items={Object.keys(KINDS).map((id) => ({ id, label: id }))}
          value={kind}
          onChange={choose}
        />
      )}
      <TextArea label={t.says} name="properties" rows={10} isCode value={text} onChange={setText} />
    </Form>
  )
}

function print(properties: unknown): string {
  return JSON.stringify(properties, null, 2)
}

/** The object that a text holds. Raises `ApiError` that stands at the field. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (failure) {
    const message = t.notJson(failure instanceof Error ? failure.message : '')
    throw new ApiError(400, 'NotJson', message, [{ code: 'NotJson', message, target: 'properties' }])
  }
}
