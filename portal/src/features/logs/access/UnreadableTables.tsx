import { useQuery } from '@tanstack/react-query'
import { t } from '@/i18n/en/results'
import type { RunState } from '../run/state'
import { readersQuery } from './api'
import { NeededAccess } from './NeededAccess'

/** The tables of a refused query that the person may not read: to the language they are names that mean nothing. */
export function UnreadableTables({ run }: { readonly run: RunState }) {
  const { data } = useQuery(readersQuery(run.workspaces, run.query))
  const refused = (data?.[0]?.workspaces ?? []).flatMap(({ name, tables }) =>
    tables.filter((table) => table.reads === 'none').map((table) => ({ ...table, workspace: name })),
  )
  return refused.map(({ name, workspace, action, scope }) => (
    <NeededAccess key={scope} what={t.tableOf(name, workspace)} action={action} scope={scope} />
  ))
}
