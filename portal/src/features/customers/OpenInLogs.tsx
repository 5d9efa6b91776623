import { useRouter } from '@tanstack/react-router'
import { workspacePath } from '@/app/scope'
import { useSession } from '@/app/session'
import { t } from '@/i18n/en/customers'
import { writeQueryHash } from '@/lib/query-link'
import type { Timespan } from '@/lib/time'
import { Button } from '@/ui'
import type { Customer } from './api'
import { agentsQuery, MAXIMUM_WORKSPACES, workspacesOf } from './queries'

interface Props {
  readonly label: string
  readonly workspaces: readonly string[]
  readonly query: string
  readonly timespan?: Timespan
}

/** Leads into Logs, with a query over several workspaces that runs at once. */
export function OpenInLogs({ label, workspaces, query, timespan }: Props) {
  const router = useRouter()
  const { tenant } = useSession()
  const [first = '', ...also] = workspaces

  async function open() {
    const linked = { query, also, run: true, ...(timespan === undefined ? {} : { timespan }) }
    router.history.push(workspacePath(tenant.domain, first, 'logs') + (await writeQueryHash(linked)))
  }

  return (
    <Button size="small" isDisabled={first === ''} onPress={() => void open()}>
      {label}
    </Button>
  )
}

/** What can be done with the chosen customers together: ask all of them at once. */
export function QueryTogether({ customers }: { readonly customers: readonly Customer[] }) {
  const workspaces = workspacesOf(customers)
  if (workspaces.length > MAXIMUM_WORKSPACES) {
    return <span role="status">{t.tooMany(workspaces.length, MAXIMUM_WORKSPACES)}</span>
  }
  return (
    <OpenInLogs
      label={t.openTogether(workspaces.length)}
      workspaces={workspaces}
      query={agentsQuery(customers)}
    />
  )
}
