import { t } from '@/i18n/en/customers'
import { quote } from '@/lib/kql-literal'
import type { Customer } from './api'

/** Workspaces that one query takes. */
export const MAXIMUM_WORKSPACES = 100

/** The workspaces of customers, each once; one's own before those of others. */
export function workspacesOf(customers: readonly Customer[]): readonly string[] {
  const ordered = customers.toSorted((one, other) => Number(isDelegated(one)) - Number(isDelegated(other)))
  return [...new Set(ordered.flatMap((customer) => customer.workspaces.map(({ id }) => id)))]
}

/** The agents of the chosen customers, by the names of those: a query to go on from. */
export function agentsQuery(customers: readonly Customer[]): string {
  const ids = customers.flatMap((customer) =>
    isDelegated(customer)
      ? customer.workspaces.map(({ id }) => [id, customer.name] as const)
      : [[customer.id, customer.name] as const],
  )
  return [
    'let customers = datatable(Id: string, Customer: string) [',
    ...ids.map(([id, name]) => `  ${quote(id)}, ${quote(name)},`),
    '];',
    'Heartbeat',
    `| extend Id = ${ownerIn(customers)}`,
    '| lookup kind=inner customers on Id',
    '| summarize LastHeartbeat = max(TimeGenerated), Computers = dcount(Computer) by Customer',
    '| sort by LastHeartbeat asc',
  ].join('\n')
}

/** All that is held of a customer, by table. */
export function heldQuery(customer: Customer): string {
  return [
    `// ${t.heldComment(customer.name.replaceAll(/\s+/g, ' '))}`,
    'union withsource=Table *',
    ...(isDelegated(customer) ? [] : [`| where _CustomerId == ${quote(customer.id)}`]),
    '| summarize Records = count(), Bytes = sum(_BilledSize), First = min(TimeGenerated), Last = max(TimeGenerated) by Table',
    '| sort by Bytes desc',
  ].join('\n')
}

/** Whose a record is: the workspace's that holds it, or where many share one, the customer's that sent it. */
function ownerIn(customers: readonly Customer[]): string {
  if (customers.every(isDelegated)) return 'TenantId'
  return customers.some(isDelegated) ? 'iff(isempty(_CustomerId), TenantId, _CustomerId)' : '_CustomerId'
}

function isDelegated(customer: Customer): boolean {
  return customer.kind === 'delegated'
}
