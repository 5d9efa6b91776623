import { t } from '@/i18n/en/customers'
import { Time } from '@/ui'
import type { HeldRole } from './api'
import css from './customers.module.css'

/** The roles that one holds at a customer's, each with where, through what and by whom it was granted. */
export function RolesHeld({ roles }: { readonly roles: readonly HeldRole[] }) {
  if (roles.length === 0) return <p>{t.noRoles}</p>
  return (
    <ul className={css['plain']}>
      {roles.map((role) => (
        <li key={`${role.assignmentId} ${role.name}`}>
          <strong>{role.name}</strong> {t.at} <code>{placeName(role.scope)}</code>
          <br />
          {role.group === null ? t.given : t.givenTo(role.group)}
          {role.grantedBy !== null && ` ${t.by(role.grantedBy)}`}
          {role.grantedAt !== null && (
            <>
              , <Time value={role.grantedAt} format="date" />
            </>
          )}
          {role.isDelegated && `, ${t.delegated}`}
        </li>
      ))}
    </ul>
  )
}

/** The last name of a scope; the tenant's root has none. */
function placeName(scope: string): string {
  return scope.split('/').findLast((part) => part !== '') ?? t.wholeTenant
}
