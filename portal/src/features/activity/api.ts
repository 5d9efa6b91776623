import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { armPage } from '@/api/arm'
import { request } from '@/api/client'
import { quote } from '@/lib/kql-literal'
import { odataText } from '@/lib/odata'
import { resolveTimespan, type Timespan } from '@/lib/time'

interface Localizable {
  readonly value: string
}

/** An event of the activity log, as `Microsoft.Insights/eventtypes` gives it. */
export interface ActivityEvent {
  /** Ends with the number of the record: `…/events/{eventDataId}/ticks/{number}`. */
  readonly id: string
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
  /** `Succeeded`, `Failed`, or empty for any; empty members leave open what they name. */
  readonly status: string
  readonly caller: string
  readonly operation: string
  readonly correlationId: string
}

const VERSION = '2015-04-01'
/** Events that a file holds at the most. */
export const MOST_EXPORTED = 10_000

/** Events of a scope, newest first, page by page. */
export function activityQuery(filter: ActivityFilter) {
  return infiniteQueryOptions({
    queryKey: ['activity', filter],
    queryFn: ({ pageParam, signal }) =>
      armPage<ActivityEvent>(
        pageParam,
        { 'api-version': VERSION, $filter: filterText(filter, new Date()) },
        signal,
      ),
    initialPageParam: pathOf(filter),
    getNextPageParam: (page) => page.nextLink,
  })
}

/** All events that a filter finds, the newest 10,000 at the most. */
export async function readEvents(filter: ActivityFilter): Promise<ActivityEvent[]> {
  const found: ActivityEvent[] = []
  const query = { 'api-version': VERSION, $filter: filterText(filter, new Date()) }
  let link: string | undefined = pathOf(filter)
  while (link && found.length < MOST_EXPORTED) {
    // oxlint-disable-next-line no-await-in-loop -- each page names the next
    const page: { value: readonly ActivityEvent[]; nextLink?: string } = await armPage<ActivityEvent>(
      link,
      query,
    )
    found.push(...page.value)
    link = page.nextLink
  }
  return found.slice(0, MOST_EXPORTED)
}

function pathOf({ subscription }: ActivityFilter): string {
  const scope = subscription === '' ? '' : `/subscriptions/${subscription}`
  return `${scope}/providers/Microsoft.Insights/eventtypes/management/values`
}

/** The filter in the language of the contract: terms joined by `and`. */
export function filterText(filter: ActivityFilter, now: Date): string {
  const { from, to } = resolveTimespan(filter.timespan, now)
  const terms = [`eventTimestamp le '${to.toISOString()}'`]
  if (from) terms.unshift(`eventTimestamp ge '${from.toISOString()}'`)
  for (const [name, value] of [
    ['status', filter.status],
    ['caller', filter.caller],
    ['operationName', filter.operation],
    ['correlationId', filter.correlationId],
  ] as const) {
    if (value !== '') terms.push(`${name} eq ${odataText(value)}`)
  }
  return terms.join(' and ')
}

/** The same events as a query of the workspace that gets them. */
export function activityText(filter: ActivityFilter): string {
  return [
    'AzureActivity',
    filter.subscription && `| where SubscriptionId == ${quote(filter.subscription)}`,
    filter.status && `| where ActivityStatus == ${quote(filter.status)}`,
    filter.caller && `| where Caller =~ ${quote(filter.caller)}`,
    filter.operation && `| where OperationName =~ ${quote(filter.operation)}`,
    filter.correlationId && `| where CorrelationId =~ ${quote(filter.correlationId)}`,
    '| project TimeGenerated, Caller, OperationName, ActivityStatus, ActivitySubstatus, ResourceId, CorrelationId',
    '| sort by TimeGenerated desc',
  ]
    .filter(Boolean)
    .join('\n')
}

export interface MemberChange {
  readonly path: string
  readonly before: unknown
  readonly after: unknown
  /** It changed, and neither value is told. */
  readonly isSecret: boolean
}

export interface Change {
  readonly isRecorded: boolean
  readonly members: readonly MemberChange[]
  readonly more: number
}

/** What an event changed. */
export function changeQuery(event: ActivityEvent) {
  const sequence = event.id.split('/').at(-1) ?? ''
  return queryOptions({
    queryKey: ['activity', 'change', sequence],
    queryFn: ({ signal }) => request<Change>('GET', `/portal/api/activity/${sequence}/change`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

export interface Chain {
  readonly state: 'verified' | 'broken'
  readonly checkedAt: string
  readonly records: number
  readonly headDigest: string
  readonly broken: { readonly sequence: number; readonly reason: string } | null
}

export function verifyChain(again: boolean, signal?: AbortSignal): Promise<Chain> {
  return request<Chain>('POST', '/portal/api/activity/verify', { body: { again }, signal })
}

/** Whether the audit is as it was written. */
export const chainQuery = queryOptions({
  queryKey: ['activity', 'chain'],
  queryFn: ({ signal }) => verifyChain(false, signal),
  staleTime: 600_000,
})
