import { infiniteQueryOptions } from '@tanstack/react-query'
import { armPage } from '@/api/arm'
import { resolveTimespan, type Timespan } from '@/lib/time'

interface Localizable {
  readonly value: string
}

/** An event of the activity log, as `Microsoft.Insights/eventtypes` gives it. */
export interface ActivityEvent {
  readonly eventDataId: string
  readonly eventTimestamp: string
  readonly caller: string
  readonly operationName: Localizable
  readonly status: Localizable
  readonly subStatus: Localizable
  readonly resourceId: string
  readonly correlationId: string
  readonly httpRequest: { readonly clientIpAddress: string }
}

export interface ActivityFilter {
  /** A subscription's id; empty for what concerns the directory and the tenant as a whole. */
  readonly subscription: string
  readonly timespan: Timespan
  /** `Succeeded`, `Failed`, or empty for any. */
  readonly status: string
  readonly correlationId: string
}

/** Events of a scope, newest first, page by page. */
export function activityQuery(filter: ActivityFilter) {
  const scope = filter.subscription === '' ? '' : `/subscriptions/${filter.subscription}`
  const path = `${scope}/providers/Microsoft.Insights/eventtypes/management/values`
  return infiniteQueryOptions({
    queryKey: ['activity', filter],
    queryFn: ({ pageParam, signal }) =>
      armPage<ActivityEvent>(
        pageParam,
        { 'api-version': '2015-04-01', $filter: filterText(filter, new Date()) },
        signal,
      ),
    initialPageParam: path,
    getNextPageParam: (page) => page.nextLink,
  })
}

/** The filter in the language of the contract: terms joined by `and`. */
export function filterText(filter: ActivityFilter, now: Date): string {
  const { from, to } = resolveTimespan(filter.timespan, now)
  const terms = [`eventTimestamp le '${to.toISOString()}'`]
  if (from) terms.unshift(`eventTimestamp ge '${from.toISOString()}'`)
  if (filter.status !== '') terms.push(`status eq '${filter.status}'`)
  if (filter.correlationId !== '')
    terms.push(`correlationId eq '${filter.correlationId.replaceAll("'", "''")}'`)
  return terms.join(' and ')
}
