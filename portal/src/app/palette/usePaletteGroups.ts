import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { Database, Moon, Rows3, Sun, SunMoon, UserRound, LogOut, Keyboard, Building2 } from 'lucide-react'
import { request } from '@/api/client'
import { t } from '@/i18n/en/palette'
import { odataText } from '@/lib/odata'
import { usePreferences } from '@/lib/preferences'
import { tenantPath, useScope } from '../scope'
import { scopesQuery } from '../scopes'
import { signOut, useSession } from '../session'
import { useDialogs } from '../shell/dialogs'
import { useNavigation } from '../shell/useNavigation'
import { useScopeChange } from '../shell/useScopeChange'
import { useDashboards, useSavedSearches, useTables } from './useStored'
import { rank, readText, type PaletteGroup, type PaletteItem } from './items'

const LIMIT = 8

/** What the palette offers for a typed text. */
export function usePaletteGroups(text: string): readonly PaletteGroup[] {
  const { kind, words } = readText(text)
  const wants = (other: typeof kind) => kind === other || kind === 'everything'
  const pages = usePages()
  const commands = useCommands()
  const workspaces = useWorkspaces(kind === 'everything' ? words : null)
  const tables = useTables(kind === 'tables' || (kind === 'everything' && words !== ''))
  const isTyped = kind === 'everything' && words !== ''
  const saved = useSavedSearches(isTyped)
  const dashboards = useDashboards(isTyped)
  const people = usePeople(kind === 'people' ? words : null)
  const groups: PaletteGroup[] = [
    { id: 'pages', label: t.pages, items: kind === 'everything' ? rank(pages, words, LIMIT) : [] },
    { id: 'workspaces', label: t.workspaces, items: workspaces.slice(0, LIMIT) },
    {
      id: 'tables',
      label: t.tables,
      items: wants('tables') ? rank(tables, words, kind === 'tables' ? 50 : LIMIT) : [],
    },
    { id: 'saved', label: t.saved, items: rank(saved, words, LIMIT) },
    { id: 'dashboards', label: t.dashboards, items: rank(dashboards, words, LIMIT) },
    { id: 'people', label: t.people, items: people },
    { id: 'commands', label: t.commands, items: wants('commands') ? rank(commands, words, LIMIT) : [] },
  ]
  return groups.filter(({ items }) => items.length > 0)
}

function useGo(): (href: string) => void {
  const router = useRouter()
  return (href) => void router.navigate({ href })
}

function usePages(): PaletteItem[] {
  const go = useGo()
  const groups = useNavigation()
  const links = groups.flatMap((group) => group.links.map((link) => ({ ...link, group: group.label })))
  return [
    ...links.map(({ label, icon, href, group, key }) => ({
      id: `page ${href}`,
      label,
      detail: group,
      icon,
      ...(key ? { keys: `g ${key}` } : {}),
      run: () => go(href),
    })),
    { id: 'page me', label: t.profile, icon: UserRound, run: () => go('/me') },
  ]
}

function useCommands(): PaletteItem[] {
  const go = useGo()
  const show = useDialogs((dialogs) => dialogs.show)
  const { density, change } = usePreferences()
  const { tenants, tenant } = useSession()
  const other = density === 'compact' ? 'comfortable' : 'compact'
  return [
    { id: 'light', label: t.light, icon: Sun, run: () => change({ theme: 'light' }) },
    { id: 'dark', label: t.dark, icon: Moon, run: () => change({ theme: 'dark' }) },
    { id: 'system', label: t.system, icon: SunMoon, run: () => change({ theme: 'system' }) },
    { id: 'density', label: t[other], icon: Rows3, run: () => change({ density: other }) },
    { id: 'scope', label: t.chooseScope, icon: Database, keys: 'g w', run: () => show('scope') },
    { id: 'keys', label: t.showKeys, icon: Keyboard, keys: '?', run: () => show('keys') },
    ...tenants
      .filter(({ id }) => id !== tenant.id)
      .map(({ id, name, domain }) => ({
        id: `tenant ${id}`,
        label: t.actIn(name),
        detail: domain,
        icon: Building2,
        run: () => go(tenantPath(domain)),
      })),
    { id: 'sign-out', label: t.signOut, icon: LogOut, run: () => void signOut() },
  ]
}

function useWorkspaces(words: string | null): PaletteItem[] {
  const { goToWorkspace } = useScopeChange()
  const { data } = useQuery({ ...scopesQuery(words ?? ''), enabled: words !== null })
  if (words === null) return []
  return (data?.value ?? [])
    .filter((item) => item.kind === 'workspace')
    .map((item) => ({
      id: `workspace ${item.id}`,
      label: item.name,
      detail: [item.tenantName, item.path].filter(Boolean).join(' › '),
      icon: Database,
      run: () => goToWorkspace(item, 'logs'),
    }))
}

interface Users {
  readonly value: readonly {
    readonly id: string
    readonly displayName: string
    readonly userPrincipalName?: string
  }[]
}

function usePeople(words: string | null): PaletteItem[] {
  const go = useGo()
  const { tenant } = useScope()
  const { permissions } = useSession()
  const text = odataText(words ?? '')
  const { data } = useQuery({
    queryKey: ['palette', 'people', words],
    queryFn: ({ signal }) =>
      request<Users>('GET', '/v1.0/users', {
        query: {
          $top: LIMIT,
          ...(words
            ? { $filter: `startswith(displayName,${text}) or startswith(userPrincipalName,${text})` }
            : {}),
        },
        signal,
      }),
    enabled: words !== null && permissions.access,
  })
  return (words === null ? [] : (data?.value ?? [])).map(({ id, displayName, userPrincipalName }) => ({
    id: `person ${id}`,
    label: displayName,
    detail: userPrincipalName,
    icon: UserRound,
    run: () => go(`${tenantPath(tenant, 'access')}?who=${id}`),
  }))
}
