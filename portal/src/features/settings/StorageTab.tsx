import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { armList, type Resource } from '@/api/arm'
import { refresh } from '@/api/refresh'
import { WORKSPACE_VERSION, type Workspace } from '@/api/workspaces'
import { useMay } from '@/app/may'
import { t } from '@/i18n/en/settings'
import { Form, Select, TextArea, toast, type ListColumn } from '@/ui'
import { keep } from './api'
import { wordsOf } from './changes'
import { KeptList } from './KeptList'

const TYPE = 'Microsoft.OperationalInsights/workspaces/linkedStorageAccounts'

type LinkedStorage = Resource<{
  readonly dataSourceType: string
  readonly storageAccountIds: readonly string[]
}>

const COLUMNS: readonly ListColumn<LinkedStorage>[] = [
  { id: 'kind', label: t.dataKind, value: (row) => t.dataKinds[row.name] ?? row.name },
  { id: 'accounts', label: t.accounts, grow: 3, value: (row) => row.properties.storageAccountIds.join(', ') },
]

function storageQuery(workspace: string) {
  return queryOptions({
    queryKey: ['kept', 'storage', workspace],
    queryFn: ({ signal }) =>
      armList<LinkedStorage>(`${workspace}/linkedStorageAccounts`, WORKSPACE_VERSION, signal),
  })
}

/** The customer's own places for some kinds of data. */
export function StorageTab({ workspace }: { readonly workspace: Workspace }) {
  const may = useMay(workspace.id)
  const answer = useQuery(storageQuery(workspace.id))
  const linked = answer.data?.map((one) => one.name) ?? []
  return (
    <KeptList
      title={t.storage}
      text={t.storageText}
      effect={{ tone: 'warning', word: t.storageEffect }}
      answer={{ ...answer, refetch: () => void answer.refetch() }}
      columns={COLUMNS}
      empty={t.storageNone}
      create={may(`${TYPE}/write`) ? t.linkStorage : undefined}
      canDelete={may(`${TYPE}/delete`)}
      version={WORKSPACE_VERSION}
      removeText={t.removeStorage}
      whoMay={t.whoMay(`${TYPE}/write`)}
      form={(resource, close) => (
        <StorageForm workspace={workspace.id} linked={linked} before={resource} onClose={close} />
      )}
    />
  )
}

interface StorageFormProps {
  readonly workspace: string
  /** The kinds that have accounts already. */
  readonly linked: readonly string[]
  readonly before: LinkedStorage | null
  readonly onClose: () => void
}

function StorageForm({ workspace, linked, before, onClose }: StorageFormProps) {
  const client = useQueryClient()
  const kinds = Object.entries(t.dataKinds).filter(([id]) => !linked.includes(id))

  async function submit(form: FormData) {
    const kind = before?.name ?? String(form.get('name'))
    const storageAccountIds = wordsOf(String(form.get('storageAccountIds')))
    const path = `${workspace}/linkedStorageAccounts/${encodeURIComponent(kind)}`
    await keep<LinkedStorage>(path, WORKSPACE_VERSION, { properties: { storageAccountIds } }, before)
    await refresh(client, ['kept'])
    toast(t.kept(kind))
    onClose()
  }

  return (
    <Form onSubmit={submit} submitLabel={t.save} onCancel={onClose}>
      {!before && (
        <Select
          label={t.dataKind}
          name="name"
          items={kinds.map(([id, label]) => ({ id, label }))}
          {...(kinds[0] ? { defaultValue: kinds[0][0] } : {})}
          isRequired
        />
      )}
      <TextArea
        label={t.accounts}
        description={t.accountsHelp}
        name="storageAccountIds"
        isCode
        defaultValue={before?.properties.storageAccountIds.join('\n') ?? ''}
        isRequired
      />
    </Form>
  )
}
