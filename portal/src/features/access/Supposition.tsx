import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/i18n/en/access'
import { Badge, Button, Form, Select, TextArea } from '@/ui'
import css from './access.module.css'
import { rolesQuery, type Grant } from './api'
import type { Changes, Explanation } from './explanation'
import { namesQuery } from '@/api/principals'
import { PersonBox } from './PersonBox'
import { placeName } from './places'
import { RoleBox } from './RoleBox'

interface ListProps {
  readonly changes: Changes
  readonly now: Explanation
  readonly onChange: (changes: Changes) => void
}

/** What is supposed, each with the way back. Nothing of it is saved. */
export function SuppositionList({ changes, now, onChange }: ListProps) {
  const roles = useQuery(rolesQuery(now.scope))
  const names = useQuery(namesQuery(changes.with.map((one) => one.principalId)))
  if (changes.without.length + changes.with.length === 0) return null
  const held = [now, now.otherWay].flatMap((way) => way?.roles ?? [])

  function sayRemoved(id: string): string {
    const role = held.find((one) => one.assignmentId === id)
    return role ? t.supposeWithout(role.roleName, role.principalName) : id
  }

  function sayAdded(grant: Grant): string {
    const role = roles.data?.find((one) => one.id === grant.roleDefinitionId)?.properties.roleName
    const who = names.data?.get(grant.principalId)?.name ?? grant.principalId
    const place = now.places.find((one) => one.scope === grant.scope)?.name ?? placeName(grant.scope)
    return t.supposeWith(role ?? placeName(grant.roleDefinitionId), who, place)
  }

  return (
    <section aria-label={t.suppositions} className={css['supposition']}>
      <Badge tone="info">{t.notSaved}</Badge>
      <ul>
        {changes.without.map((id) => (
          <li key={id}>
            {sayRemoved(id)}{' '}
            <Button
              size="small"
              aria-label={`${t.takeBack}: ${sayRemoved(id)}`}
              onPress={() => onChange({ ...changes, without: changes.without.filter((one) => one !== id) })}
            >
              {t.takeBack}
            </Button>
          </li>
        ))}
        {changes.with.map((grant) => (
          <li key={JSON.stringify(grant)}>
            {sayAdded(grant)}{' '}
            <Button
              size="small"
              aria-label={`${t.takeBack}: ${sayAdded(grant)}`}
              onPress={() => onChange({ ...changes, with: changes.with.filter((one) => one !== grant) })}
            >
              {t.takeBack}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}

interface FormProps {
  readonly now: Explanation
  readonly onAdd: (grant: Grant) => void
  readonly onCancel: () => void
}

/** An assignment to suppose: to the one who is asked about, unless another is named, such as a group. */
export function SuppositionForm({ now, onAdd, onCancel }: FormProps) {
  const [principalId, setPrincipal] = useState(now.principal.id)
  const [roleDefinitionId, setRole] = useState('')
  const [scope, setScope] = useState(now.scope)
  return (
    <section aria-label={t.supposeMore} className={css['question']}>
      <Form
        submitLabel={t.suppose}
        onCancel={onCancel}
        isDisabled={principalId === '' || roleDefinitionId === ''}
        onSubmit={(form) => {
          const condition = String(form.get('condition')).trim()
          onAdd({ principalId, roleDefinitionId, scope, condition })
        }}
      >
        <PersonBox label={t.who} value={principalId} onChange={setPrincipal} />
        <RoleBox scope={now.scope} value={roleDefinitionId} onChange={setRole} />
        <Select
          label={t.at}
          items={now.places.map((place) => ({
            id: place.scope,
            label: `${t.places[place.kind]} ${place.name}`,
          }))}
          value={scope}
          onChange={setScope}
        />
        <TextArea label={t.condition} description={t.conditionEmpty} name="condition" rows={2} isCode />
      </Form>
    </section>
  )
}
