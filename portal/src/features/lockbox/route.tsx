import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { subscriptionsQuery } from '@/api/subscriptions'
import { t } from '@/i18n/en/lockbox'
import { useUrlState } from '@/lib/url-state'
import { Button, EmptyState, ListPage, Select } from '@/ui'
import { AskDialog } from './AskDialog'
import { ownRequestsQuery, requestsQuery } from './api'
import { COLUMNS } from './columns'
import { RequestDetails } from './RequestDetails'

const OWN = 'own'

/** Requests of operators for access to workspaces: those that wait for the reader's answer, and the reader's own. */
export function Lockbox() {
  const [scope, setScope] = useUrlState('scope')
  const [isAsking, setAsking] = useState(false)
  const subscriptions = useQuery(subscriptionsQuery)
  const own = useQuery(ownRequestsQuery)
  const isOperator = own.isSuccess
  const first = subscriptions.data?.[0]?.subscriptionId ?? ''
  const chosen = scope || (first === '' && isOperator ? OWN : first)
  const requests = useQuery(requestsQuery(chosen === OWN ? '' : chosen))
  const shown = chosen === OWN ? own : requests

  return (
    <ListPage
      title={t.lockbox}
      description={t.description}
      columns={COLUMNS}
      rows={shown.data}
      rowKey={(request) => request.name}
      rowLabel={(request) => request.properties.justification}
      error={subscriptions.error ?? shown.error}
      retry={() => void shown.refetch()}
      empty={
        chosen === OWN ? (
          <EmptyState title={t.noneAsked} text={t.askText} />
        ) : (
          <EmptyState title={t.none} text={t.noneText} />
        )
      }
      actions={
        <>
          <Select
            label={t.subscription}
            isLabelHidden
            items={[
              ...(subscriptions.data ?? []).map((one) => ({
                id: one.subscriptionId,
                label: `${t.ofCustomers}: ${one.displayName}`,
              })),
              ...(isOperator ? [{ id: OWN, label: t.ofOperators }] : []),
            ]}
            value={chosen}
            onChange={setScope}
          />
          {isOperator && (
            <Button variant="primary" onPress={() => setAsking(true)}>
              {t.ask}
            </Button>
          )}
        </>
      }
      panel={(request) => ({
        title: request.properties.justification,
        content: <RequestDetails request={request} canAnswer={chosen !== OWN} />,
      })}
    >
      <AskDialog isOpen={isAsking} onClose={() => setAsking(false)} />
    </ListPage>
  )
}
