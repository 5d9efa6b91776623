import { t } from '@/i18n/en/customers'
import { Button } from '@/ui'
import type { Customer } from './api'
import { EMPTY, type Draft } from './onboarding/draft'

interface Props {
  readonly customers: readonly Customer[]
  readonly onApply: (draft: Draft) => void
}

/** Deploys a template for customers that are there: onboarding them once more changes nothing else. */
export function ApplyTemplate({ customers, onApply }: Props) {
  const draft = draftOf(customers)
  if (!draft) return null
  return (
    <Button size="small" onPress={() => onApply(draft)}>
      {t.applyTemplate}
    </Button>
  )
}

/** Of customers of one workspace; others are given what they need in places of their own. */
export function draftOf(customers: readonly Customer[]): Draft | null {
  const places = customers.map(({ resourceId }) => (resourceId ?? '').split(/\/customers\//i))
  const [workspace = ''] = places[0] ?? []
  if (workspace === '' || places.some(([one]) => one !== workspace)) return null
  return { ...EMPTY, workspace, list: `${places.map(([, name]) => name).join('\n')}\n`, template: '{}' }
}
