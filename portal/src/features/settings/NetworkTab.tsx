import { useQuery } from '@tanstack/react-query'
import { ask } from '@/api/ask'
import { WORKSPACE_WRITE, type NetworkAccess, type Workspace } from '@/api/workspaces'
import { useMay } from '@/app/may'
import { t } from '@/i18n/en/settings'
import { RadioGroup, TextArea } from '@/ui'
import { ChangeForm } from './ChangeForm'
import { wordsOf, type Values } from './changes'
import css from './settings.module.css'
import { Shown } from './WorkspaceTab'

const SWITCHES = ['publicNetworkAccessForIngestion', 'publicNetworkAccessForQuery'] as const
const LISTS = ['ingestion', 'query', 'management'] as const

function readNetwork({ properties }: Workspace): Values {
  return valuesOf(
    (name) => properties[name],
    (name) => properties.networkRules?.[name] ?? [],
  )
}

function collectNetwork(form: FormData): Values {
  return valuesOf(
    (name) => form.get(name),
    (name) => wordsOf(String(form.get(name))),
  )
}

function valuesOf(
  access: (name: (typeof SWITCHES)[number]) => unknown,
  ranges: (name: (typeof LISTS)[number]) => readonly string[],
): Values {
  return Object.fromEntries([
    ...SWITCHES.map((name) => [`properties.${name}`, access(name)] as const),
    ...LISTS.map((name) => [`properties.networkRules.${name}`, ranges(name)] as const),
  ])
}

/** From where a workspace takes records, queries and changes. */
export function NetworkTab({ workspace }: { readonly workspace: Workspace }) {
  const may = useMay(workspace.id)
  const { data: address } = useQuery(addressQuery)
  return (
    <section className={css['part']} aria-label={t.network}>
      <p>{t.networkText}</p>
      {address && <p>{t.yourAddress(address)}</p>}
      {may(WORKSPACE_WRITE) ? (
        <ChangeForm workspace={workspace} read={readNetwork} collect={collectNetwork}>
          {(base) => <Fields workspace={base} />}
        </ChangeForm>
      ) : (
        <Shown values={readNetwork(workspace)} />
      )}
      <p className={css['note']}>{t.whoMay(WORKSPACE_WRITE)}</p>
    </section>
  )
}

function Fields({ workspace: { properties } }: { readonly workspace: Workspace }) {
  return (
    <>
      {SWITCHES.map((name) => (
        <RadioGroup
          key={name}
          label={t.members[`properties.${name}`]!}
          name={name}
          defaultValue={properties[name]}
          items={choicesBeside(properties[name])}
        />
      ))}
      {LISTS.map((name) => (
        <TextArea
          key={name}
          label={t.members[`properties.networkRules.${name}`]!}
          description={t.listHelp[name]}
          name={name}
          rows={3}
          isCode
          placeholder="203.0.113.0/24"
          defaultValue={(properties.networkRules?.[name] ?? []).join('\n')}
        />
      ))}
    </>
  )
}

/** The third value means what the second does; it is offered to those who have it. */
function choicesBeside(present: NetworkAccess) {
  const offered: NetworkAccess[] = ['Enabled', 'Disabled']
  if (present === 'SecuredByPerimeter') offered.push(present)
  return offered.map((id) => ({ id, label: t.values[id]!, description: t.accessHelp[id] }))
}

/** From where the server sees this browser come. */
const addressQuery = {
  queryKey: ['me', 'address'],
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const { value } = await ask('GET /portal/api/me/sessions', { signal })
    return value.find((session) => session.current)?.address ?? ''
  },
  staleTime: 60_000,
}
