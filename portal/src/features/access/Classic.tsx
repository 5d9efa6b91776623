import { useQueries } from '@tanstack/react-query'
import { membersQuery, type Principal } from '@/api/principals'
import { t } from '@/i18n/en/access'
import { EmptyState, ListTable, Status, type ListColumn } from '@/ui'
import { shortCondition } from './explanation'
import { useNamedAssignments, type NamedAssignment } from './named'
import { placeName } from './places'

interface Holding {
  readonly key: string
  readonly who: string
  readonly kind: string
  readonly through: string
  readonly assignment: NamedAssignment
}

const COLUMNS: readonly ListColumn<Holding>[] = [
  { id: 'who', label: t.who, value: (row) => row.who },
  { id: 'kind', label: t.kind, width: 120, grow: 0, value: (row) => row.kind },
  { id: 'through', label: t.through, value: (row) => row.through },
  { id: 'role', label: t.role, value: (row) => row.assignment.role },
  {
    id: 'scope',
    label: t.scope,
    value: (row) => row.assignment.properties.scope,
    cell: (row) => placeName(row.assignment.properties.scope),
  },
  {
    id: 'inherited',
    label: t.inheritedFrom,
    value: (row) => (row.assignment.isInherited ? row.assignment.properties.scope : ''),
    cell: (row) => (row.assignment.isInherited ? placeName(row.assignment.properties.scope) : ''),
  },
  {
    id: 'condition',
    label: t.condition,
    value: (row) => shortCondition(row.assignment.properties.condition ?? ''),
  },
]

/** One table of everybody who has access at a scope: members of groups one by one, with role, scope and where from. */
export function Classic({ scope }: { readonly scope: string }) {
  const { rows, error, retry } = useNamedAssignments(scope)
  const groups = [...new Set(rows?.filter(isOfGroup).map((row) => row.properties.principalId))]
  const members = useQueries({
    queries: groups.map((group) => membersQuery(group)),
    combine: (answers) => ({
      byGroup: new Map(answers.map((answer, index) => [groups[index], answer.data])),
      isPending: answers.some((answer) => answer.isPending),
      isRefused: answers.some((answer) => answer.isError),
    }),
  })
  const holdings = rows?.flatMap((row) => holdingsOf(row, members.byGroup.get(row.properties.principalId)))
  return (
    <>
      <p>{t.classicText}</p>
      {members.isRefused && <Status tone="warning" word={t.membersUnknown} />}
      <ListTable
        label={t.classic}
        columns={COLUMNS}
        rows={members.isPending ? undefined : holdings}
        rowKey={(row) => row.key}
        error={error}
        retry={retry}
        empty={<EmptyState title={t.none} text={t.noneText} />}
        urlPrefix="classic."
        isPlain
      />
    </>
  )
}

function isOfGroup(row: NamedAssignment): boolean {
  return row.properties.principalType === 'Group'
}

/** One line for who was given the role, or one for each member where that is a group whose members are known. */
function holdingsOf(
  assignment: NamedAssignment,
  members: readonly Principal[] | undefined,
): readonly Holding[] {
  const { id, who, kind } = assignment
  const people = members?.filter((one) => one.kind !== 'group') ?? []
  if (!isOfGroup(assignment) || people.length === 0) return [{ key: id, who, kind, through: '', assignment }]
  return people.map((one) => ({
    key: `${id} ${one.id}`,
    who: one.name,
    kind: t.kindNames[one.kind],
    through: who,
    assignment,
  }))
}
