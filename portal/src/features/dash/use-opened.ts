import { queryOptions, useQueryClient, useSuspenseQuery, type QueryClient } from '@tanstack/react-query'
import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/dash'
import type { Fault } from './check'
import { readDashboard, type Dashboard } from './document'
import { importAzureWorkbook, isAzureWorkbook } from './import/azure'
import { findShipped } from './shipped'
import { listDashboards, readWorkbook } from './storage'

/** A dashboard that was found, and what may be done with it. */
export interface Opened {
  readonly dashboard: Dashboard
  readonly resourceId: string
  readonly location: string
  readonly etag: string | undefined
  readonly canSave: boolean
  readonly isNewer: boolean
}

export type OpenedOrFaults = Opened | { readonly faults: readonly Fault[] }

const NOT_FOUND = 404

function openedQuery(client: QueryClient, id: string) {
  return queryOptions({
    queryKey: ['dash', 'opened', id],
    queryFn: ({ signal }) => open(client, id, signal),
    staleTime: 0,
    refetchOnWindowFocus: false,
  })
}

export function useOpened(id: string): OpenedOrFaults {
  const client = useQueryClient()
  return useSuspenseQuery(openedQuery(client, id)).data
}

async function open(client: QueryClient, id: string, signal: AbortSignal): Promise<OpenedOrFaults> {
  const shipped = findShipped(id)
  if (shipped)
    return {
      dashboard: shipped,
      resourceId: '',
      location: '',
      etag: undefined,
      canSave: false,
      isNewer: false,
    }
  const found = (await listDashboards(client)).find(({ name }) => name === id)
  if (!found) throw new ApiError(NOT_FOUND, 'DashboardNotFound', t.gone)
  const workbook = await readWorkbook(found.id, signal)
  const text = workbook.properties.serializedData ?? '{}'
  const place = { resourceId: workbook.id, location: workbook.location ?? '', etag: workbook.etag }
  const foreign = parse(text)
  if (isAzureWorkbook(foreign)) {
    const { dashboard } = importAzureWorkbook(foreign, workbook.properties.displayName)
    return { ...place, dashboard: { ...dashboard, id }, canSave: false, isNewer: false }
  }
  const { dashboard, faults, isNewer } = readDashboard(text)
  return dashboard ? { ...place, dashboard, canSave: !isNewer, isNewer } : { faults }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
