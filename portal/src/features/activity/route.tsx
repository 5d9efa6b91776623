import { useInfiniteQuery } from '@tanstack/react-query'
import { t } from '@/i18n/en/activity'
import { Button, EmptyState, ListPage, Status, Time, type ListColumn } from '@/ui'
import { ActivityDetails } from './ActivityDetails'
import { activityQuery, type ActivityEvent } from './api'
import { ChainBadge } from './ChainBadge'
import { Exports } from './Exports'
import { NameFilters, ScopeFilters, useFilter } from './Filters'

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
  const choice = useFilter()
  const { filter } = choice
  const events = useInfiniteQuery({ ...activityQuery(filter), enabled: choice.isReady })
  const rows = events.data?.pages.flatMap((page) => page.value)

  return (
    <ListPage
      title={t.activity}
      description={t.description}
      chips={<ChainBadge />}
      columns={COLUMNS}
      rows={rows}
      rowKey={(event) => event.eventDataId}
      rowLabel={(event) => event.operationName.value}
      error={events.error}
      retry={() => void events.refetch()}
      empty={<EmptyState title={t.none} text={t.noneText} />}
      actions={
        <>
          <ScopeFilters choice={choice} />
          <NameFilters choice={choice} events={rows ?? []} />
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
            <Exports filter={filter} />
          </>
        )
      }
      panel={(event) => ({
        title: event.operationName.value,
        size: 'wide',
        content: <ActivityDetails event={event} onCorrelation={choice.setCorrelationId} />,
      })}
    />
  )
}
