import type { QueryClient } from '@tanstack/react-query'
import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/dash'
import type { Dashboard } from './document'
import { findPlace, idOf, putDashboard, refreshLists } from './storage'

/** Keeps a new dashboard beside the workspace, and returns it as it is kept. Raises `ApiError` where there is no place. */
export async function storeNew(
  client: QueryClient,
  workspace: string | null,
  dashboard: Dashboard,
): Promise<Dashboard> {
  const place = await findPlace(client, workspace)
  if (!place) throw new ApiError(0, 'NoWorkspace', t.noPlace)
  await putDashboard(idOf(place, dashboard.id), place.location, dashboard)
  await refreshLists(client)
  return dashboard
}
