import { queryOptions } from '@tanstack/react-query'
import { armList, type Resource } from '@/api/arm'
import { keep } from './api'

export const DIAGNOSTICS_VERSION = '2021-05-01-preview'
const TYPE = 'providers/Microsoft.Insights/diagnosticSettings'

interface Log {
  readonly category?: string
  readonly categoryGroup?: string
  readonly enabled: boolean
}

export type DiagnosticSetting = Resource<{
  readonly workspaceId?: string
  readonly logs?: readonly Log[]
  readonly metrics?: readonly Log[]
}>

/** The settings in the workspace's subscription that lead to it. */
export function sendersQuery(workspace: string) {
  const filter = encodeURIComponent(`workspaceId eq '${workspace}'`)
  const path = `${subscriptionOf(workspace)}/${TYPE}?api-version=${DIAGNOSTICS_VERSION}&$filter=${filter}`
  return queryOptions({
    queryKey: ['kept', 'senders', workspace],
    queryFn: ({ signal }) => armList<DiagnosticSetting>(path, DIAGNOSTICS_VERSION, signal),
  })
}

/** What a setting is of: the subscription, or a resource in it. */
export function sourceOf({ id }: Resource<unknown>): string {
  return id.slice(0, id.toLowerCase().lastIndexOf(`/${TYPE}/`.toLowerCase()))
}

/** The categories that a setting has switched on. */
export function categoriesOf({ properties: { logs = [], metrics = [] } }: DiagnosticSetting): string[] {
  const on = [...logs, ...metrics].filter((one) => one.enabled)
  return on.map((one) => one.category ?? one.categoryGroup ?? '')
}

const ACTIVITY = new Set(['administrative', 'alllogs', 'audit'])

/** Whether records come by it today: what is done to the resources of a subscription does, nothing else. */
export function isSending(setting: DiagnosticSetting): boolean {
  const isOfSubscription = /^\/subscriptions\/[^/]+$/i.test(sourceOf(setting))
  return isOfSubscription && categoriesOf(setting).some((name) => ACTIVITY.has(name.toLowerCase()))
}

export function subscriptionOf(resource: string): string {
  return resource.split('/').slice(0, 3).join('/')
}

/** Has the activity of the workspace's subscription come to the workspace. */
export function sendActivity(workspace: string, name: string): Promise<DiagnosticSetting> {
  const path = `${subscriptionOf(workspace)}/${TYPE}/${encodeURIComponent(name)}`
  const logs = [{ category: 'Administrative', enabled: true }]
  return keep<DiagnosticSetting>(
    path,
    DIAGNOSTICS_VERSION,
    { properties: { workspaceId: workspace, logs } },
    null,
  )
}
