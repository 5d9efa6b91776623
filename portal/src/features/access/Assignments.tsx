import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/i18n/en/access'
import { Badge, Button, EmptyState, ListTable, SidePanel, Time, type ListColumn } from '@/ui'
import { useUrlState } from '@/lib/url-state'
import { AssignmentDetails } from './AssignmentDetails'
import { GiveDialog } from './GiveDialog'
import { assignmentsQuery, rolesQuery, type Assignment } from './api'
import { namesQuery } from '@/api/principals'
import { isBelow, placeName } from './places'

/** An assignment with the names behind its ids. */
export interface NamedAssignment extends Assignment {
  readonly who: string
  readonly role: string
  readonly isInherited: boolean
}

const COLUMNS: readonly ListColumn<NamedAssignment>[] = [
  { id: 'who', label: t.who, value: (row) => row.who },
  { id: 'kind', label: t.kind, value: (row) => row.properties.principalType },
  { id: 'role', label: t.role, value: (row) => row.role },
  {
    id: 'at',
    label: t.at,
    value: (row) => row.properties.scope,
    cell: (row) => (
      <>
        {placeName(row.properties.scope)} <Badge>{row.isInherited ? t.inherited : t.here}</Badge>
      </>
    ),
  },
  { id: 'condition', label: t.condition, isHidden: true, value: (row) => row.properties.condition },
  {
    id: 'since',
    label: t.since,
    width: 196,
    value: (row) => row.properties.createdOn,
    cell: (row) => <Time value={row.properties.createdOn} />,
  },
]

/** Who holds which role at a scope, given there or above it. */
export function Assignments({ scope }: { readonly scope: string }) {
  const [isGiving, setGiving] = useState(false)
  const [opened, setOpened] = useUrlState('sel')
  const { rows, error, retry } = useNamedAssignments(scope)
  const row = rows?.find((candidate) => candidate.name === opened)
  return (
    <>
      <ListTable
        label={t.assignments}
        columns={COLUMNS}
        rows={rows}
        rowKey={(candidate) => candidate.name}
        rowLabel={(candidate) => `${candidate.who}, ${candidate.role}`}
        error={error}
        retry={retry}
        empty={<EmptyState title={t.none} text={t.noneText} />}
        tools={
          <Button variant="primary" size="small" onPress={() => setGiving(true)}>
            {t.give}
          </Button>
        }
      />
      {row && (
        <SidePanel title={row.who} onClose={() => setOpened('')}>
          <AssignmentDetails assignment={row} onRemoved={() => setOpened('')} />
        </SidePanel>
      )}
      <GiveDialog scope={scope} isOpen={isGiving} onClose={() => setGiving(false)} />
    </>
  )
}

function useNamedAssignments(scope: string) {
  const assignments = useQuery(assignmentsQuery(scope))
  const roles = useQuery(rolesQuery(scope))
  const names = useQuery(namesQuery((assignments.data ?? []).map((one) => one.properties.principalId)))
  const roleNames = new Map((roles.data ?? []).map((role) => [role.name, role.properties.roleName]))
  const rows = assignments.data?.map((one) => ({
    ...one,
    who: names.data?.get(one.properties.principalId)?.name ?? one.properties.principalId,
    role:
      roleNames.get(placeName(one.properties.roleDefinitionId)) ?? placeName(one.properties.roleDefinitionId),
    isInherited: !isBelow(one.properties.scope, scope),
  }))
  return { rows, error: assignments.error, retry: () => void assignments.refetch() }
}
