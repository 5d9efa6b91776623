import { useQuery } from '@tanstack/react-query'
import { subscriptionsQuery, type Subscription } from '@/api/subscriptions'
import { t } from '@/i18n/en/ui'
import { Select } from '@/ui'

/** The subscriptions, and the one that was chosen: the first until somebody chooses. */
export function useSubscription(chosen: string) {
  const subscriptions = useQuery(subscriptionsQuery)
  const all: readonly Subscription[] = subscriptions.data ?? []
  return { all, id: chosen || (all[0]?.id ?? ''), error: subscriptions.error }
}

interface Props {
  /** The resource id of a subscription. */
  readonly value: string
  readonly onChange: (id: string) => void
  readonly isLabelHidden?: boolean
}

/** Chooses one of the subscriptions in which the person has any right. */
export function SubscriptionSelect({ value, onChange, isLabelHidden = false }: Props) {
  const { all } = useSubscription(value)
  return (
    <Select
      label={t.subscription}
      isLabelHidden={isLabelHidden}
      items={all.map((one) => ({ id: one.id, label: one.displayName }))}
      value={value}
      onChange={onChange}
    />
  )
}
