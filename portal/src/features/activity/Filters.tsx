import { useQuery } from '@tanstack/react-query'
import { subscriptionsQuery } from '@/api/subscriptions'
import { t } from '@/i18n/en/activity'
import { useUrlState } from '@/lib/url-state'
import { ComboBox, Select, TimeRangePicker } from '@/ui'
import type { ActivityEvent, ActivityFilter } from './api'

const TENANT = 'tenant'
const ANY = 'any'
const STATUSES = [
  { id: ANY, label: t.anyStatus },
  { id: 'Succeeded', label: t.succeeded },
  { id: 'Failed', label: t.failed },
]

/** What the list shows, as the address has it. */
export function useFilter() {
  const [scope, setScope] = useUrlState('scope')
  const [range, setRange] = useUrlState('range')
  const [status, setStatus] = useUrlState('status')
  const [caller, setCaller] = useUrlState('who')
  const [operation, setOperation] = useUrlState('what')
  const [correlationId, setCorrelationId] = useUrlState('correlation')
  const subscriptions = useQuery(subscriptionsQuery)
  const chosen = scope || (subscriptions.data?.[0]?.subscriptionId ?? TENANT)
  const filter: ActivityFilter = {
    subscription: chosen === TENANT ? '' : chosen,
    timespan: range || 'P7D',
    status,
    caller,
    operation,
    correlationId,
  }
  return {
    filter,
    isReady: !subscriptions.isPending,
    scope: chosen,
    subscriptions: subscriptions.data ?? [],
    setScope,
    setRange,
    setStatus,
    setCaller,
    setOperation,
    setCorrelationId,
  }
}

type Choice = ReturnType<typeof useFilter>

/** Scope, result and time: what stands beside the title. */
export function ScopeFilters({ choice }: { readonly choice: Choice }) {
  const subscriptions = choice.subscriptions.map((one) => ({
    id: one.subscriptionId,
    label: one.displayName,
  }))
  return (
    <>
      <Select
        label={t.scope}
        isLabelHidden
        items={[...subscriptions, { id: TENANT, label: t.directory }]}
        value={choice.scope}
        onChange={choice.setScope}
      />
      <Select
        label={t.status}
        isLabelHidden
        items={STATUSES}
        value={choice.filter.status || ANY}
        onChange={(next) => choice.setStatus(next === ANY ? '' : next)}
      />
      <TimeRangePicker value={choice.filter.timespan} onChange={choice.setRange} />
    </>
  )
}

interface Props {
  readonly choice: Choice
  /** What was found: its people and operations are offered. */
  readonly events: readonly ActivityEvent[]
}

/** Who did what: exact names, among those that were found, or any other. */
export function NameFilters({ choice, events }: Props) {
  return (
    <>
      <NameFilter
        label={t.who}
        any={t.anybody}
        names={events.map((event) => event.caller)}
        value={choice.filter.caller}
        onChange={choice.setCaller}
      />
      <NameFilter
        label={t.what}
        any={t.anything}
        names={events.map((event) => event.operationName.value)}
        value={choice.filter.operation}
        onChange={choice.setOperation}
      />
    </>
  )
}

interface NameFilterProps {
  readonly label: string
  readonly any: string
  readonly names: readonly string[]
  readonly value: string
  readonly onChange: (value: string) => void
}

function NameFilter({ label, any, names, value, onChange }: NameFilterProps) {
  const known = [...new Set(value === '' ? names : [value, ...names])].filter(Boolean).toSorted()
  return (
    <ComboBox
      key={known.length}
      label={label}
      isLabelHidden
      items={[{ id: ANY, label: any }, ...known.map((name) => ({ id: name, label: name }))]}
      value={value || ANY}
      onChange={(next) => onChange(next === ANY ? '' : next)}
    />
  )
}
