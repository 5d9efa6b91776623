import { useRouter, useRouterState } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useScope } from '../scope'
import { useSession } from '../session'
import { NAVIGATION, type NavigationEntry } from './navigation'

export interface NavigationLink extends NavigationEntry {
  readonly href: string
}

export interface LinkGroup {
  readonly label: string
  readonly links: readonly NavigationLink[]
}

/** The entries that lead somewhere from here: their page exists, one may use it, and it has a workspace if it needs one. */
export function useNavigation(): readonly LinkGroup[] {
  const { routesByPath } = useRouter()
  const { permissions } = useSession()
  const { tenant, workspace } = useScope()
  return useMemo(() => {
    const isOffered = ({ route, permission }: NavigationEntry) =>
      route.replace(/\/$/, '') in routesByPath &&
      (permission === undefined || permissions[permission]) &&
      (workspace !== null || !route.includes('$workspace'))
    const hrefOf = (route: string) =>
      route
        .replace('$tenant', encodeURIComponent(tenant))
        .replace('$workspace', encodeURIComponent(workspace ?? ''))
        .replace(/\/$/, '')
    return NAVIGATION.map(({ label, entries }) => ({
      label,
      links: entries.filter(isOffered).map((entry) => ({ ...entry, href: hrefOf(entry.route) })),
    })).filter(({ links }) => links.length > 0)
  }, [routesByPath, permissions, tenant, workspace])
}

/** The entry whose page is shown, also where its details are: the longest that the address begins with. */
export function useCurrentLink(groups: readonly LinkGroup[]): NavigationLink | undefined {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const links = groups.flatMap((group) => group.links)
  return links
    .filter(({ href, route }) => path === href || (!route.endsWith('/') && path.startsWith(`${href}/`)))
    .toSorted((one, other) => other.href.length - one.href.length)[0]
}
