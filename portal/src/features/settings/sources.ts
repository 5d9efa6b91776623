import { queryOptions } from '@tanstack/react-query'
import { armList, type Resource } from '@/api/arm'
import { WORKSPACE_VERSION } from '@/api/workspaces'
import { keep } from './api'

export type DataSource = Resource & { readonly kind: string }

/** Each kind that the contract knows, with what one of it usually holds. */
export const KINDS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  LinuxSyslog: { syslogName: 'auth', syslogSeverities: [{ severity: 'err' }, { severity: 'warning' }] },
  LinuxSyslogCollection: { state: 'Enabled' },
  LinuxPerformanceObject: {
    objectName: 'Processor',
    instanceName: '*',
    intervalSeconds: 60,
    performanceCounters: [{ counterName: '% Processor Time' }],
  },
  LinuxPerformanceCollection: { state: 'Enabled' },
  WindowsEvent: { eventLogName: 'System', eventTypes: [{ eventType: 'Error' }, { eventType: 'Warning' }] },
  WindowsPerformanceCounter: {
    objectName: 'Processor',
    instanceName: '*',
    intervalSeconds: 60,
    counterName: '% Processor Time',
  },
  IISLogs: { state: 'OnPremiseEnabled' },
  CustomLog: {
    customLogName: 'Orders_CL',
    description: '',
    inputs: [{ location: { fileSystemLocations: { linuxFileTypeLogPaths: ['/var/log/orders.log'] } } }],
  },
  CustomLogCollection: { state: 'LinuxLogsEnabled' },
}

const OTHER_KINDS = `
  AzureAuditLog AzureActivityLog GenericDataSource ChangeTrackingCustomPath ChangeTrackingPath
  ChangeTrackingServices ChangeTrackingDataTypeConfiguration ChangeTrackingDefaultRegistry
  ChangeTrackingRegistry ChangeTrackingLinuxPath ChangeTrackingContentLocation
  LinuxChangeTrackingPath Itsm DnsAnalytics ImportComputerGroup ApplicationInsights
  SecurityWindowsBaselineConfiguration SecurityEventCollectionConfiguration
  SecurityInsightsSecurityEventCollectionConfiguration NetworkMonitoring Office365
  WindowsTelemetry SqlDataClassification
`.match(/\w+/g)!

/** Data sources of every kind: a list must name those it wants. */
export function sourcesQuery(workspace: string) {
  const kinds = [...Object.keys(KINDS), ...OTHER_KINDS]
  const filter = encodeURIComponent(kinds.map((kind) => `kind eq '${kind}'`).join(' or '))
  const path = `${workspace}/dataSources?api-version=${WORKSPACE_VERSION}&$filter=${filter}`
  return queryOptions({
    queryKey: ['kept', 'sources', workspace],
    queryFn: ({ signal }) => armList<DataSource>(path, WORKSPACE_VERSION, signal),
  })
}

export function keepSource(
  workspace: string,
  name: string,
  kind: string,
  properties: unknown,
  before: DataSource | null,
): Promise<DataSource> {
  const path = before?.id ?? `${workspace}/dataSources/${encodeURIComponent(name)}`
  return keep<DataSource>(path, WORKSPACE_VERSION, { kind, properties, tags: before?.tags }, before)
}
