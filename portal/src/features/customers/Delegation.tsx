import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { armDelete } from '@/api/arm'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/customers'
import { Button, CodeBlock, ConfirmDialog, toast } from '@/ui'
import type { Customer } from './api'

const DELEGATION_VERSION = '2022-10-01'

interface Props {
  readonly customer: Customer
  readonly onEnded: () => void
}

/** How a customer's delegation ends: by the customer at any time, and by who was given the role for it. */
export function Delegation({ customer, onEnded }: Props) {
  const client = useQueryClient()
  const [isAsked, setAsked] = useState(false)
  const assignments = idsOf(customer, () => true)
  const own = idsOf(customer, (role) => role.mayEnd)

  async function end() {
    for (const id of own) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, so that a refusal says which
      await armDelete(id, DELEGATION_VERSION)
    }
    toast(t.ended(customer.name))
    onEnded()
    await refresh(client, ['customers'])
  }

  return (
    <section aria-label={t.end}>
      <h3>{t.end}</h3>
      <p>{t.endText}</p>
      {assignments.map((id) => (
        <CodeBlock
          key={id}
          label={t.endRequest(id)}
          code={`DELETE ${id}?api-version=${DELEGATION_VERSION}`}
          isWrapped
        />
      ))}
      {own.length > 0 && (
        <Button variant="danger" onPress={() => setAsked(true)}>
          {t.endNow}
        </Button>
      )}
      <ConfirmDialog
        title={t.endTitle(customer.name)}
        isOpen={isAsked}
        onClose={() => setAsked(false)}
        onConfirm={end}
        confirmLabel={t.endNow}
        name={customer.name}
      >
        <p>{t.endLoss}</p>
      </ConfirmDialog>
    </section>
  )
}

function idsOf(customer: Customer, holds: (role: Customer['roles'][number]) => boolean): readonly string[] {
  const delegated = customer.roles.filter((role) => role.isDelegated && holds(role))
  return [...new Set(delegated.map((role) => role.assignmentId))]
}
