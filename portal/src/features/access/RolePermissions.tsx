import { t } from '@/i18n/en/access'
import { CodeBlock } from '@/ui'
import type { Role } from './api'

/** What a role permits, action by action. */
export function RolePermissions({ role }: { readonly role: Role }) {
  const lists = [
    [t.actions, role.properties.permissions.flatMap((one) => one.actions)],
    [t.notActions, role.properties.permissions.flatMap((one) => one.notActions)],
    [t.dataActions, role.properties.permissions.flatMap((one) => one.dataActions)],
    [t.notDataActions, role.properties.permissions.flatMap((one) => one.notDataActions)],
  ] as const
  return (
    <section aria-label={t.gives}>
      <p>{role.properties.description}</p>
      {lists.map(
        ([label, actions]) =>
          actions.length > 0 && (
            <div key={label}>
              <h3>{label}</h3>
              <CodeBlock label={label} code={actions.join('\n')} />
            </div>
          ),
      )}
    </section>
  )
}
