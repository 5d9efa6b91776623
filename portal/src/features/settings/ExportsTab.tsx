import { useQuery, useQueryClient } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { WORKSPACE_VERSION, type Workspace } from '@/api/workspaces'
import { useMay } from '@/app/may'
import { t } from '@/i18n/en/settings'
import { ComboBox, Form, IconButton, Status, Switch, TextField, Time, toast, type ListColumn } from '@/ui'
import { exportsQuery, keepExport, tableNamesQuery, type DataExport } from './exports'
import { KeptList } from './KeptList'
import css from './settings.module.css'

const TYPE = 'Microsoft.OperationalInsights/workspaces/dataExports'
/** Tables that the list under the field offers; typing finds others. */
const MOST_SHOWN = 100

const COLUMNS: readonly ListColumn<DataExport>[] = [
  { id: 'name', label: t.name, value: (row) => row.name },
  {
    id: 'state',
    label: t.state,
    value: (row) => (row.properties.enable ? t.enabled : t.disabled),
    cell: (row) => (
      <Status
        tone={row.properties.enable ? 'info' : 'none'}
        word={row.properties.enable ? t.enabled : t.disabled}
      />
    ),
  },
  { id: 'tables', label: t.tables, grow: 2, value: (row) => row.properties.tableNames.join(', ') },
  {
    id: 'destination',
    label: t.destination,
    grow: 2,
    value: ({ properties: { destination } }) =>
      [
        t.destinations[destination.type],
        destination.resourceId.split('/').at(-1),
        destination.metaData?.eventHubName,
      ]
        .filter(Boolean)
        .join(' / '),
  },
  {
    id: 'changed',
    label: t.changed,
    value: (row) => row.properties.lastModifiedDate,
    cell: (row) => <Time value={row.properties.lastModifiedDate} format="age" />,
  },
]

/** The rules by which records are to be sent on. */
export function ExportsTab({ workspace }: { readonly workspace: Workspace }) {
  const may = useMay(workspace.id)
  const answer = useQuery(exportsQuery(workspace.id))
  return (
    <KeptList
      title={t.exports}
      text={t.exportsText}
      effect={{ tone: 'warning', word: t.exportsEffect }}
      answer={{ ...answer, refetch: () => void answer.refetch() }}
      columns={COLUMNS}
      empty={t.exportsNone}
      create={may(`${TYPE}/write`) ? t.createExport : undefined}
      canDelete={may(`${TYPE}/delete`)}
      version={WORKSPACE_VERSION}
      removeText={t.removeExport}
      whoMay={t.whoMay(`${TYPE}/write`)}
      form={(resource, close) => <ExportForm workspace={workspace.id} before={resource} onClose={close} />}
    />
  )
}

interface ExportFormProps {
  readonly workspace: string
  readonly before: DataExport | null
  readonly onClose: () => void
}

function ExportForm({ workspace, before, onClose }: ExportFormProps) {
  const client = useQueryClient()
  const [tableNames, setTableNames] = useState(before?.properties.tableNames ?? [])

  async function submit(form: FormData) {
    const text = (name: string) => String(form.get(name) ?? '').trim()
    const saved = await keepExport(
      workspace,
      {
        name: text('name'),
        tableNames,
        destination: text('resourceId'),
        eventHubName: text('eventHubName'),
        enable: form.has('enable'),
      },
      before,
    )
    await refresh(client, ['kept'])
    toast(t.kept(saved.name))
    onClose()
  }

  return (
    <Form onSubmit={submit} submitLabel={t.save} onCancel={onClose}>
      {!before && (
        <TextField autoFocus label={t.name} description={t.exportNameHelp} name="name" isRequired />
      )}
      <TableNames workspace={workspace} names={tableNames} onChange={setTableNames} />
      <TextField
        label={t.destinationId}
        description={t.destinationHelp}
        name="resourceId"
        isCode
        defaultValue={before?.properties.destination.resourceId ?? ''}
        isRequired
      />
      <TextField
        label={t.hub}
        description={t.hubHelp}
        name="eventHubName"
        defaultValue={before?.properties.destination.metaData?.eventHubName ?? ''}
      />
      <Switch name="enable" defaultSelected={before?.properties.enable ?? true} description={t.enableHelp}>
        {t.enabled}
      </Switch>
    </Form>
  )
}

interface TableNamesProps {
  readonly workspace: string
  readonly names: readonly string[]
  readonly onChange: (names: readonly string[]) => void
}

/** Tables, chosen one after the other; one of one's own may be named before it is there. */
function TableNames({ workspace, names, onChange }: TableNamesProps) {
  const { data = [] } = useQuery(tableNamesQuery(workspace))
  const [text, setText] = useState('')
  const known = text === '' || !text.endsWith('_CL') || data.includes(text) ? data : [text, ...data]
  const items = known
    .filter((name) => !names.includes(name) && name.toLowerCase().includes(text.toLowerCase()))
    .slice(0, MOST_SHOWN)
    .map((name) => ({ id: name, label: name }))

  function add(name: string) {
    onChange([...names, name])
    setText('')
  }

  return (
    <div className={css['part']}>
      <ComboBox
        label={t.addTable}
        description={t.addTableHelp}
        name="tableNames"
        items={items}
        value={null}
        inputValue={text}
        onSearch={setText}
        onChange={add}
      />
      <ul className={css['chosen']} aria-label={t.tables}>
        {names.map((name) => (
          <li key={name} className={css['item']}>
            {name}
            <IconButton
              label={t.leaveOut(name)}
              icon={<X aria-hidden />}
              size="small"
              onPress={() => onChange(names.filter((one) => one !== name))}
            />
          </li>
        ))}
      </ul>
    </div>
  )
}
