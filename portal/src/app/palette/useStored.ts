import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { LayoutDashboard, ScrollText, SquareFunction, Table2 } from 'lucide-react'
import { armList, type Resource } from '@/api/arm'
import { request } from '@/api/client'
import { subscriptionsQuery } from '@/api/subscriptions'
import { writeQueryHash } from '@/lib/query-link'
import { tenantPath, useScope, workspacePath } from '../scope'
import { workspaceQuery } from '../scopes'
import type { PaletteItem } from './items'

const STALE = 60_000

/** Opens a query in a new tab of Logs. */
function useOpenQuery(): (query: string) => void {
  const router = useRouter()
  const { tenant, workspace } = useScope()
  return (query) => {
    if (workspace === null) return
    void writeQueryHash({ query }).then((hash) =>
      router.navigate({ href: workspacePath(tenant, workspace, 'logs') + hash }),
    )
  }
}

interface Metadata {
  readonly tables: readonly { readonly name: string; readonly description?: string }[]
}

export function useTables(isWanted: boolean): PaletteItem[] {
  const open = useOpenQuery()
  const { workspace } = useScope()
  const { data } = useQuery({
    queryKey: ['palette', 'tables', workspace],
    queryFn: ({ signal }) => request<Metadata>('GET', `/v1/workspaces/${workspace}/metadata`, { signal }),
    enabled: isWanted && workspace !== null,
    staleTime: STALE,
  })
  return (data?.tables ?? []).map(({ name, description }) => ({
    id: `table ${name}`,
    label: name,
    detail: description,
    icon: Table2,
    run: () => open(/^\w+$/.test(name) ? `${name}\n| take 100` : `['${name}']\n| take 100`),
  }))
}

type SavedSearch = Resource<{
  readonly displayName: string
  readonly category: string
  readonly query: string
  readonly functionAlias?: string
}>

export function useSavedSearches(isWanted: boolean): PaletteItem[] {
  const open = useOpenQuery()
  const { workspace } = useScope()
  const { data: place } = useQuery(workspaceQuery(workspace))
  const { data } = useQuery({
    queryKey: ['palette', 'saved', place?.id],
    queryFn: ({ signal }) => armList<SavedSearch>(`${place?.id}/savedSearches`, '2020-08-01', signal),
    enabled: isWanted && Boolean(place),
    staleTime: STALE,
    retry: false,
  })
  return (data ?? []).map(({ id, properties }) => ({
    id: `saved ${id}`,
    label: properties.displayName,
    detail: properties.functionAlias ? `${properties.functionAlias}()` : properties.category,
    icon: properties.functionAlias ? SquareFunction : ScrollText,
    run: () => open(properties.functionAlias || properties.query),
  }))
}

type Workbook = Resource<{ readonly displayName: string; readonly category: string }>

export function useDashboards(isWanted: boolean): PaletteItem[] {
  const router = useRouter()
  const { tenant } = useScope()
  const { data: subscriptions } = useQuery({ ...subscriptionsQuery, enabled: isWanted })
  const { data } = useQuery({
    queryKey: ['palette', 'dashboards', subscriptions],
    queryFn: async ({ signal }) => {
      const lists = (subscriptions ?? []).map(({ subscriptionId }) =>
        armList<Workbook>(
          `/subscriptions/${subscriptionId}/providers/Microsoft.Insights/workbooks`,
          '2023-06-01',
          signal,
        ),
      )
      return (await Promise.all(lists)).flat()
    },
    enabled: isWanted && subscriptions !== undefined,
    staleTime: STALE,
    retry: false,
  })
  return (data ?? []).map(({ id, name, properties }) => ({
    id: `dashboard ${id}`,
    label: properties.displayName,
    icon: LayoutDashboard,
    run: () => void router.navigate({ href: tenantPath(tenant, 'dash', name) }),
  }))
}
