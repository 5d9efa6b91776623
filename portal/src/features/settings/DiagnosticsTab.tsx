import { useQuery, useQueryClient } from '@tanstack/react-query'
import { refresh } from '@/api/refresh'
import type { Workspace } from '@/api/workspaces'
import { useMay } from '@/app/may'
import { t } from '@/i18n/en/settings'
import { Form, KeyValues, Status, TextField, toast, type ListColumn } from '@/ui'
import {
  categoriesOf,
  DIAGNOSTICS_VERSION,
  isSending,
  sendActivity,
  sendersQuery,
  sourceOf,
  subscriptionOf,
  type DiagnosticSetting,
} from './diagnostics'
import { KeptList } from './KeptList'

const TYPE = 'Microsoft.Insights/diagnosticSettings'
const KEYS = 'Microsoft.OperationalInsights/workspaces/sharedKeys/action'

const COLUMNS: readonly ListColumn<DiagnosticSetting>[] = [
  { id: 'name', label: t.name, value: (row) => row.name },
  { id: 'of', label: t.of, grow: 3, value: (row) => nameOf(sourceOf(row)) },
  { id: 'categories', label: t.categories, grow: 2, value: (row) => categoriesOf(row).join(', ') },
  {
    id: 'state',
    label: t.state,
    value: (row) => stateOf(row).word,
    cell: (row) => <Status {...stateOf(row)} />,
  },
]

/** Whose diagnostic settings lead to the workspace, and which of them send something. */
export function DiagnosticsTab({ workspace }: { readonly workspace: Workspace }) {
  const subscription = subscriptionOf(workspace.id)
  const mayThere = useMay(subscription)
  const mayHere = useMay(workspace.id)
  const answer = useQuery(sendersQuery(workspace.id))
  const canSend = mayThere(`${TYPE}/write`) && mayHere(KEYS) && answer.data?.some(isSending) === false
  return (
    <KeptList
      title={t.diagnostics}
      text={t.diagnosticsText}
      effect={{ tone: 'info', word: t.diagnosticsEffect }}
      answer={{ ...answer, refetch: () => void answer.refetch() }}
      columns={COLUMNS}
      empty={t.diagnosticsNone}
      create={canSend ? t.sendActivity : undefined}
      canOpen
      canDelete={mayThere(`${TYPE}/delete`)}
      version={DIAGNOSTICS_VERSION}
      removeText={t.removeDiagnostic}
      whoMay={t.whoMaySend(`${TYPE}/write`, KEYS)}
      form={(setting, close) =>
        setting ? <Facts setting={setting} /> : <ActivityForm workspace={workspace} onClose={close} />
      }
    />
  )
}

function Facts({ setting }: { readonly setting: DiagnosticSetting }) {
  return (
    <KeyValues
      items={[
        [t.of, <code key="of">{sourceOf(setting)}</code>],
        [t.categories, categoriesOf(setting).join(', ')],
        [t.state, stateOf(setting).word],
      ]}
    />
  )
}

function ActivityForm({
  workspace,
  onClose,
}: {
  readonly workspace: Workspace
  readonly onClose: () => void
}) {
  const client = useQueryClient()

  async function submit(form: FormData) {
    const saved = await sendActivity(workspace.id, String(form.get('name')).trim())
    await refresh(client, ['kept'])
    toast(t.kept(saved.name))
    onClose()
  }

  return (
    <Form onSubmit={submit} submitLabel={t.sendActivity} onCancel={onClose}>
      <p>{t.activityText}</p>
      <TextField
        autoFocus
        label={t.name}
        name="name"
        defaultValue={`activity-to-${workspace.name}`}
        isRequired
      />
    </Form>
  )
}

function stateOf(setting: DiagnosticSetting) {
  return isSending(setting)
    ? ({ tone: 'ok', word: t.sending } as const)
    : ({ tone: 'none', word: t.keptOnly } as const)
}

/** `vaults/v`; the subscription in words. */
function nameOf(resource: string): string {
  const parts = resource.split('/')
  return parts.length === 3 ? t.subscription : parts.slice(-2).join('/')
}
