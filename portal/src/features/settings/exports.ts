import { queryOptions } from '@tanstack/react-query'
import { armList, type Resource } from '@/api/arm'
import { WORKSPACE_VERSION } from '@/api/workspaces'
import { keep } from './api'

export type DataExport = Resource<{
  readonly tableNames: readonly string[]
  readonly destination: {
    readonly resourceId: string
    readonly type: 'StorageAccount' | 'EventHub'
    readonly metaData?: { readonly eventHubName?: string }
  }
  readonly enable: boolean
  readonly createdDate: string
  readonly lastModifiedDate: string
}>

export function exportsQuery(workspace: string) {
  return queryOptions({
    queryKey: ['kept', 'exports', workspace],
    queryFn: ({ signal }) => armList<DataExport>(`${workspace}/dataExports`, WORKSPACE_VERSION, signal),
  })
}

/** The names of the workspace's tables, for choosing. */
export function tableNamesQuery(workspace: string) {
  return queryOptions({
    queryKey: ['kept', 'table names', workspace],
    queryFn: async ({ signal }) => {
      const tables = await armList(`${workspace}/tables`, WORKSPACE_VERSION, signal)
      return tables.map((table) => table.name)
    },
    staleTime: 60_000,
  })
}

export interface ExportValues {
  readonly name: string
  readonly tableNames: readonly string[]
  readonly destination: string
  readonly eventHubName: string
  readonly enable: boolean
}

export function keepExport(
  workspace: string,
  { name, tableNames, destination, eventHubName, enable }: ExportValues,
  before: DataExport | null,
): Promise<DataExport> {
  const metaData = eventHubName === '' ? {} : { metaData: { eventHubName } }
  const properties = { tableNames, destination: { resourceId: destination, ...metaData }, enable }
  const path = before?.id ?? `${workspace}/dataExports/${encodeURIComponent(name)}`
  return keep<DataExport>(path, WORKSPACE_VERSION, { properties }, before)
}
