import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/i18n/en/access'
import { useUrlState } from '@/lib/url-state'
import { Button, ListTable, SidePanel, type ListColumn } from '@/ui'
import { rolesQuery, type Role } from './api'
import { placeOf } from './places'
import { RoleDetails } from './RoleDetails'
import { RoleDialog } from './RoleDialog'

const COLUMNS: readonly ListColumn<Role>[] = [
  { id: 'role', label: t.role, value: (role) => role.properties.roleName },
  {
    id: 'kind',
    label: t.roleKind,
    width: 120,
    grow: 0,
    value: (role) => (role.properties.type === 'CustomRole' ? t.custom : t.builtIn),
  },
  { id: 'description', label: t.gives, grow: 3, value: (role) => role.properties.description },
]

/** The roles that can be given at a scope, and those of one's own to make. */
export function Roles({ scope }: { readonly scope: string }) {
  const { data, error, refetch } = useQuery(rolesQuery(scope))
  const [opened, setOpened] = useUrlState('role.sel')
  const [isMaking, setMaking] = useState(false)
  const role = data?.find((one) => one.name === opened)
  return (
    <>
      <ListTable
        label={t.roles}
        columns={COLUMNS}
        rows={data}
        rowKey={(one) => one.name}
        rowLabel={(one) => one.properties.roleName}
        error={error}
        retry={() => void refetch()}
        urlPrefix="role."
        tools={
          <Button variant="primary" size="small" onPress={() => setMaking(true)}>
            {t.createRole}
          </Button>
        }
      />
      <RoleDialog
        scope={placeOf(scope)}
        origin={null}
        isCopy={false}
        isOpen={isMaking}
        onClose={() => setMaking(false)}
      />
      {role && (
        <SidePanel title={role.properties.roleName} onClose={() => setOpened('')}>
          <RoleDetails scope={placeOf(scope)} role={role} onRemoved={() => setOpened('')} />
        </SidePanel>
      )}
    </>
  )
}
