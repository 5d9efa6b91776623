import { useState } from 'react'
import { t } from '@/i18n/en/access'
import { Badge, Button, EmptyState, ListTable, SidePanel, Time, type ListColumn } from '@/ui'
import { useUrlState } from '@/lib/url-state'
import { AssignmentDetails } from './AssignmentDetails'
import { GiveDialog } from './GiveDialog'
import { useNamedAssignments, type NamedAssignment } from './named'
import { placeName } from './places'

const COLUMNS: readonly ListColumn<NamedAssignment>[] = [
  { id: 'who', label: t.who, value: (row) => row.who },
  { id: 'kind', label: t.kind, value: (row) => row.kind },
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
