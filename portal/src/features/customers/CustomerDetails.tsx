import { lazy, Suspense } from 'react'
import { useScope, workspacePath } from '@/app/scope'
import { useCan } from '@/app/session'
import { t } from '@/i18n/en/customers'
import { KeyValues, LinkButton, Loading, Status, Time } from '@/ui'
import type { Customer } from './api'
import css from './customers.module.css'
import { OpenInLogs } from './OpenInLogs'
import { heldQuery, MAXIMUM_WORKSPACES, workspacesOf } from './queries'
import { RolesHeld } from './RolesHeld'

const Central = lazy(() => import('./Central').then((module) => ({ default: module.Central })))
const Delegation = lazy(() => import('./Delegation').then((module) => ({ default: module.Delegation })))

interface Props {
  readonly customer: Customer
  readonly onGone: () => void
}

/** One customer: how it stands, the ways into its workspaces, what one may do there, and how it ends. */
export function CustomerDetails({ customer, onGone }: Props) {
  const canWrite = useCan('write')
  return (
    <>
      <KeyValues
        items={[
          [t.kind, t.kinds[customer.kind]],
          ...(customer.domain ? ([[t.domain, customer.domain]] as const) : []),
          [t.tenant, <code key="tenant">{customer.tenantId}</code>],
          ...(customer.state ? ([[t.state, t.states[customer.state]]] as const) : []),
          [t.newest, customer.lastRecordAt ? <Time key="newest" value={customer.lastRecordAt} /> : t.unknown],
          [
            t.accessUntil,
            customer.accessUntil ? <Time key="until" value={customer.accessUntil} /> : t.ends[customer.kind],
          ],
        ]}
      />
      <section aria-label={t.findings}>
        <h3>{t.findings}</h3>
        <ul className={css['plain']}>
          {customer.findings.map((finding) => (
            <li key={finding.name + finding.reason}>
              <Status tone={finding.state} word={finding.reason} />
            </li>
          ))}
        </ul>
      </section>
      <Workspaces customer={customer} />
      <section aria-label={t.roles}>
        <h3>{t.roles}</h3>
        <RolesHeld roles={customer.roles} />
      </section>
      <Suspense fallback={<Loading />}>
        {customer.kind === 'delegated' ? (
          <Delegation customer={customer} onEnded={onGone} />
        ) : (
          canWrite &&
          customer.resourceId && (
            <Central resourceId={customer.resourceId} name={customer.name} onRemoved={onGone} />
          )
        )}
      </Suspense>
    </>
  )
}

function Workspaces({ customer }: { readonly customer: Customer }) {
  const { tenant } = useScope()
  return (
    <section aria-label={t.workspaces}>
      <h3>{t.workspaces}</h3>
      <ul className={css['plain']}>
        {customer.workspaces.map((workspace) => (
          <li key={workspace.id} className={css['bar']}>
            <span>{workspace.name}</span>
            <LinkButton size="small" href={workspacePath(tenant, workspace.id, 'logs')}>
              {t.openLogs}
            </LinkButton>
          </li>
        ))}
      </ul>
      <p className={css['bar']}>
        <span>{t.heldText}</span>
        <OpenInLogs
          label={t.held}
          workspaces={workspacesOf([customer]).slice(0, MAXIMUM_WORKSPACES)}
          query={heldQuery(customer)}
          timespan=""
        />
      </p>
    </section>
  )
}
