import { tenantPath, useScope } from '@/app/scope'
import { t } from '@/i18n/en/customers'
import { useUrlState } from '@/lib/url-state'
import { LinkButton, Select } from '@/ui'
import type { Customer } from './api'

const HEALTH = ['danger', 'warning', 'ok', 'none'] as const
const KINDS = ['delegated', 'central'] as const

/** Those of the customers that the address asks for, `?health=danger&kind=central`. */
export function useFiltered(customers: readonly Customer[] | undefined): readonly Customer[] | undefined {
  const [health] = useUrlState('health')
  const [kind] = useUrlState('kind')
  return customers?.filter(
    (one) => (health === '' || one.health.state === health) && (kind === '' || one.kind === kind),
  )
}

/** Chooses customers by how they stand and by where their records lie. */
export function Filters() {
  const [health, setHealth] = useUrlState('health')
  const [kind, setKind] = useUrlState('kind')
  return (
    <>
      <Select
        label={t.health}
        isLabelHidden
        items={[{ id: ALL, label: t.anyHealth }, ...HEALTH.map((id) => ({ id, label: t.healths[id] }))]}
        value={health || ALL}
        onChange={(next) => setHealth(next === ALL ? '' : next)}
      />
      <Select
        label={t.kind}
        isLabelHidden
        items={[{ id: ALL, label: t.anyKind }, ...KINDS.map((id) => ({ id, label: t.kinds[id] }))]}
        value={kind || ALL}
        onChange={(next) => setKind(next === ALL ? '' : next)}
      />
    </>
  )
}

const ALL = 'all'

/** Leads back to all customers from filters that let none through. */
export function ShowAll() {
  const { tenant } = useScope()
  return <LinkButton href={tenantPath(tenant, 'customers')}>{t.showAll}</LinkButton>
}
