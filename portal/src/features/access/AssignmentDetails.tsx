import { useQueryClient } from '@tanstack/react-query'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/access'
import { CodeBlock, ConfirmButton, KeyValues, Time, toast } from '@/ui'
import type { NamedAssignment } from './named'
import { remove } from './api'

interface Props {
  readonly assignment: NamedAssignment
  readonly onRemoved: () => void
}

/** One assignment, and its end. */
export function AssignmentDetails({ assignment, onRemoved }: Props) {
  const client = useQueryClient()
  const { scope, principalId, principalType, condition, createdOn } = assignment.properties

  async function confirm() {
    await remove(assignment)
    toast(t.removed)
    onRemoved()
    await refresh(client, ['access', 'assignments'])
  }

  return (
    <>
      <KeyValues
        items={[
          [t.who, `${assignment.who} (${principalType})`],
          ['Id', <code key="id">{principalId}</code>],
          [t.role, assignment.role],
          [t.at, scope],
          [t.since, <Time key="since" value={createdOn} />],
        ]}
      />
      {condition && <CodeBlock label={t.condition} code={condition} isWrapped />}
      <p>
        <ConfirmButton label={t.remove} variant="danger" title={t.removeTitle} onConfirm={confirm} isDanger>
          <p>{t.removeText(assignment.who, assignment.role)}</p>
        </ConfirmButton>
      </p>
    </>
  )
}
