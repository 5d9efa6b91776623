import { useScope, workspacePath } from '@/app/scope'
import { t } from '@/i18n/en/customers'
import { KeyValues, LinkButton, Status, Time } from '@/ui'
import type { Customer } from './api'

/** One customer: how it stands, and the ways into its workspaces. */
export function CustomerDetails({ customer }: { readonly customer: Customer }) {
  const { tenant } = useScope()
  return (
    <>
      <KeyValues
        items={[
          [t.kind, customer.kind],
          ...(customer.domain ? ([[t.domain, customer.domain]] as const) : []),
          [t.tenant, <code key="tenant">{customer.tenantId}</code>],
          ...(customer.state ? ([[t.state, customer.state]] as const) : []),
          [t.newest, <Time key="newest" value={customer.lastRecordAt} />],
          [t.roles, customer.roles.map((role) => role.name).join(', ')],
        ]}
      />
      <section aria-label={t.findings}>
        <h3>{t.findings}</h3>
        <ul>
          {customer.findings.map((finding) => (
            <li key={finding.name}>
              <Status tone={finding.state} word={finding.reason} />
            </li>
          ))}
        </ul>
      </section>
      <section aria-label={t.workspaces}>
        <h3>{t.workspaces}</h3>
        <ul>
          {customer.workspaces.map((workspace) => (
            <li key={workspace.id}>
              {workspace.name}{' '}
              <LinkButton size="small" href={workspacePath(tenant, workspace.id, 'logs')}>
                {t.openLogs}
              </LinkButton>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
