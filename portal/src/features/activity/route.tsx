import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { subscriptionsQuery } from '@/api/subscriptions'
import { t } from '@/i18n/en/activity'
import { useUrlState } from '@/lib/url-state'
import { Button, EmptyState, ListPage, Select, Status, Time, TimeRangePicker, type ListColumn } from '@/ui'
import { ActivityDetails } from './ActivityDetails'
import { activityQuery, type ActivityEvent } from './api'

const TENANT = 'tenant'
const ANY = 'any'

const COLUMNS: readonly ListColumn<ActivityEvent>[] = [
  {
    id: 'at',
    label: t.at,
    width: 196,
    grow: 0,
    value: (event) => event.eventTimestamp,
    cell: (event) => <Time value={event.eventTimestamp} />,
  },
  { id: 'who', label: t.who, value: (event) => event.caller },
  { id: 'what', label: t.what, grow: 2, value: (event) => event.operationName.value },
  { id: 'resource', label: t.resource, grow: 2, value: (event) => event.resourceId },
  {
    id: 'status',
    label: t.status,
    width: 130,
    grow: 0,
    value: (event) => event.status.value,
    cell: (event) => <ActivityStatus event={event} />,
  },
  { id: 'code', label: t.code, isHidden: true, value: (event) => event.subStatus.value },
  { id: 'address', label: t.address, isHidden: true, value: (event) => event.httpRequest.clientIpAddress },
  { id: 'correlation', label: t.correlation, isHidden: true, value: (event) => event.correlationId },
]

function ActivityStatus({ event }: { readonly event: ActivityEvent }) {
  const hasSucceeded = event.status.value === 'Succeeded'
  return <Status tone={hasSucceeded ? 'ok' : 'danger'} word={hasSucceeded ? t.succeeded : t.failed} />
}

/** The activity log: what was changed, or tried, in a subscription or in the tenant as a whole. */
export function Activity() {
  const [scope, setScope] = useUrlState('scope')
  const [range, setRange] = useUrlState('range')
  const [status, setStatus] = useUrlState('status')
  const [correlationId, setCorrelationId] = useUrlState('correlation')
  const subscriptions = useQuery(subscriptionsQuery)
  const chosen = scope || (subscriptions.data?.[0]?.subscriptionId ?? TENANT)
  const events = useInfiniteQuery({
    ...activityQuery({
      subscription: chosen === TENANT ? '' : chosen,
      timespan: range || 'P7D',
      status,
      correlationId,
    }),
    enabled: !subscriptions.isPending,
  })
  const rows = events.data?.pages.flatMap((page) => page.value)

  return (
    <ListPage
      title={t.activity}
      description={t.description}
      columns={COLUMNS}
      rows={rows}
      rowKey={(event) => event.eventDataId}
      rowLabel={(event) => event.operationName.value}
      error={events.error}
      retry={() => void events.refetch()}
      empty={<EmptyState title={t.none} text={t.noneText} />}
      actions={
        <>
          <Select
            label={t.scope}
            isLabelHidden
            items={[
              ...(subscriptions.data ?? []).map((one) => ({
                id: one.subscriptionId,
                label: one.displayName,
              })),
              { id: TENANT, label: t.directory },
            ]}
            value={chosen}
            onChange={setScope}
          />
          <Select
            label={t.status}
            isLabelHidden
            items={[
              { id: ANY, label: t.anyStatus },
              { id: 'Succeeded', label: t.succeeded },
              { id: 'Failed', label: t.failed },
            ]}
            value={status || ANY}
            onChange={(next) => setStatus(next === ANY ? '' : next)}
          />
          <TimeRangePicker value={range || 'P7D'} onChange={setRange} />
        </>
      }
      tools={
        rows && (
          <>
            <span>{events.hasNextPage ? t.someShown(rows.length) : t.allShown(rows.length)}</span>
            {events.hasNextPage && (
              <Button
                size="small"
                isPending={events.isFetchingNextPage}
                onPress={() => void events.fetchNextPage()}
              >
                {t.more}
              </Button>
            )}
          </>
        )
      }
      panel={(event) => ({
        title: event.operationName.value,
        size: 'wide',
        content: <ActivityDetails event={event} onCorrelation={setCorrelationId} />,
      })}
    />
  )
}
