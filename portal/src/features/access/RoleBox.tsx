import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/i18n/en/access'
import { ComboBox } from '@/ui'
import { operationsQuery, rolesQuery } from './api'
import { findRoles, type FoundRole } from './role-search'

interface Props {
  readonly scope: string
  /** The id of a role's definition; empty for none. */
  readonly value: string
  readonly onChange: (id: string) => void
}

/** A role, found by its name, its description or something that it permits. */
export function RoleBox({ scope, value, onChange }: Props) {
  const [typed, setTyped] = useState<string>()
  const roles = useQuery(rolesQuery(scope))
  const operations = useQuery(operationsQuery)
  const chosen = roles.data?.find((role) => role.id === value)
  const text = typed ?? chosen?.properties.roleName ?? ''
  const isChosen = chosen?.properties.roleName === text
  const found = findRoles(roles.data ?? [], operations.data ?? [], isChosen ? '' : text)

  function choose(id: string) {
    setTyped(roles.data?.find((role) => role.id === id)?.properties.roleName)
    onChange(id)
  }

  return (
    <ComboBox
      label={t.role}
      description={t.roleHelp}
      items={found.map((one) => ({
        id: one.role.id,
        label: one.role.properties.roleName,
        description: describe(one),
      }))}
      value={value === '' ? null : value}
      onChange={choose}
      inputValue={text}
      onSearch={setTyped}
      name="roleDefinitionId"
    />
  )
}

function describe({ role, permits }: FoundRole): string {
  return permits ? t.permitsAction(permits.displayName, permits.name) : role.properties.description
}
