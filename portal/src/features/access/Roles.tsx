import { useQuery } from '@tanstack/react-query'
import { t } from '@/i18n/en/access'
import { useUrlState } from '@/lib/url-state'
import { ListTable, SidePanel, type ListColumn } from '@/ui'
import { rolesQuery, type Role } from './api'
import { RolePermissions } from './RolePermissions'

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

/** The roles that can be given at a scope. */
export function Roles({ scope }: { readonly scope: string }) {
  const { data, error, refetch } = useQuery(rolesQuery(scope))
  const [opened, setOpened] = useUrlState('role.sel')
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
      />
      {role && (
        <SidePanel title={role.properties.roleName} onClose={() => setOpened('')}>
          <RolePermissions role={role} />
        </SidePanel>
      )}
    </>
  )
}
