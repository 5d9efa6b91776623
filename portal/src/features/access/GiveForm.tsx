import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError } from '@/api/client'
import { namesQuery } from '@/api/principals'
import { refresh } from '@/api/refresh'
import { useWorkspace } from '@/app/scopes'
import { t } from '@/i18n/en/access'
import { useSettled } from '@/lib/use-settled'
import { Form, toast } from '@/ui'
import { give, rolesQuery, type Grant } from './api'
import { comparisonQuery } from './comparison'
import { Difference } from './Difference'
import { PersonBox } from './PersonBox'
import { isBelow, placeOf, tableOf, withTable, workspaceOf } from './places'
import { RecordFilter } from './RecordFilter'
import { RoleBox } from './RoleBox'
import { RolePermissions } from './RolePermissions'
import { TableBox } from './TableBox'

interface Props {
  readonly scope: string
  readonly onClose: () => void
}

/** A role for somebody at a scope or at a table of it, for all records or for some, with the difference in sight. */
export function GiveForm({ scope: start, onClose }: Props) {
  const client = useQueryClient()
  const [principalId, setPrincipal] = useState('')
  const [roleDefinitionId, setRole] = useState('')
  const [table, setTable] = useState(tableOf(start))
  const [condition, setCondition] = useState('')
  const workspace = workspaceOf(start)
  const scope = withTable(placeOf(start), table)
  const grant: Grant = { scope, principalId, roleDefinitionId, condition: condition.trim() }
  const isComplete = principalId !== '' && roleDefinitionId !== ''
  const compared = useCompared(isComplete ? grant : null)
  const names = useQuery(namesQuery(principalId === '' ? [] : [principalId]))
  const role = useQuery(rolesQuery(start)).data?.find((one) => one.id === roleDefinitionId)

  /** Another table has other columns: its filter begins anew. */
  function changeTable(name: string) {
    setTable(name)
    setCondition('')
  }

  async function submit() {
    if (!role) return
    await give(grant)
    toast(t.given(names.data?.get(principalId)?.name ?? principalId, role.properties.roleName))
    onClose()
    await refresh(client, ['access'])
  }

  return (
    <Form onSubmit={submit} submitLabel={t.give} onCancel={onClose} isDisabled={!isComplete}>
      <PersonBox label={t.who} value={principalId} onChange={setPrincipal} />
      <RoleBox scope={start} value={roleDefinitionId} onChange={setRole} />
      {role && (
        <details>
          <summary>{t.gives}</summary>
          <RolePermissions role={role} />
        </details>
      )}
      {workspace !== '' && (
        <TableBox workspace={workspace} value={table} onChange={changeTable} description={t.tableHelp} />
      )}
      <RecordFilter
        key={table}
        workspace={workspace}
        table={table}
        condition={condition}
        onChange={setCondition}
        error={compared.conditionFault}
      />
      <Difference {...compared} hasConditionFault={compared.conditionFault !== undefined} />
    </Form>
  )
}

/** Where a grant is compared - in the workspace that one is in, where it lies below - and what is wrong with its condition. */
function useCompared(asked: Grant | null) {
  const { data: current } = useWorkspace()
  const grant = useSettled(asked === null ? '' : JSON.stringify(asked), 400)
  const settled = grant === '' ? null : (JSON.parse(grant) as Grant)
  const own = current?.id ?? ''
  const place = settled?.scope ?? ''
  const scope = workspaceOf(place) === '' && own !== '' && isBelow(own, place) ? own : place
  const { error } = useQuery(comparisonQuery(scope, settled))
  const details = error instanceof ApiError ? error.details : []
  const conditionFault = details.find((detail) => detail.target?.endsWith('.condition'))?.message
  return { scope, grant: settled, conditionFault }
}
