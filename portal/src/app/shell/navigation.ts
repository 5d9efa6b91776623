import {
  Activity,
  AppWindow,
  Bell,
  Building2,
  ChartLine,
  ChartNoAxesColumn,
  Gauge,
  House,
  KeyRound,
  LayoutDashboard,
  type LucideIcon,
  Network,
  Puzzle,
  ScrollText,
  Server,
  Settings,
  ShieldCheck,
  ShieldQuestion,
  Siren,
  Table2,
  Waypoints,
} from 'lucide-react'
import { t } from '@/i18n/en/shell'
import type { Permissions } from '../session'

export interface NavigationEntry {
  readonly label: string
  readonly icon: LucideIcon
  /** The route's full path; without such a route the entry isn't shown. */
  readonly route: string
  /** What one must be allowed somewhere for it to be shown. */
  readonly permission?: keyof Permissions
  /** The letter that leads there after `g`. */
  readonly key?: string
}

export interface NavigationGroup {
  readonly label: string
  readonly entries: readonly NavigationEntry[]
}

const TENANT = '/t/$tenant'
const WORKSPACE = '/t/$tenant/w/$workspace'

/** Every page that the rail shows: one entry a page. */
export const NAVIGATION: readonly NavigationGroup[] = [
  {
    label: t.explore,
    entries: [
      { label: t.home, icon: House, route: `${TENANT}/`, key: 'h' },
      { label: t.logs, icon: ScrollText, route: `${WORKSPACE}/logs`, key: 'l' },
      { label: t.dashboards, icon: LayoutDashboard, route: `${TENANT}/dash`, key: 'd' },
      { label: t.metrics, icon: ChartLine, route: `${WORKSPACE}/metrics` },
      { label: t.application, icon: AppWindow, route: `${WORKSPACE}/app/map` },
    ],
  },
  {
    label: t.watch,
    entries: [
      { label: t.alerts, icon: Bell, route: `${TENANT}/alerts`, key: 'a' },
      { label: t.incidents, icon: Siren, route: `${TENANT}/incidents` },
      { label: t.activity, icon: Activity, route: `${TENANT}/activity`, permission: 'activity' },
    ],
  },
  {
    label: t.collect,
    entries: [
      { label: t.agents, icon: Server, route: `${WORKSPACE}/agents` },
      { label: t.rules, icon: Waypoints, route: `${WORKSPACE}/rules` },
      { label: t.tables, icon: Table2, route: `${WORKSPACE}/tables` },
      { label: t.keysPage, icon: KeyRound, route: `${WORKSPACE}/keys`, permission: 'write' },
      { label: t.solutions, icon: Puzzle, route: `${TENANT}/solutions` },
    ],
  },
  {
    label: t.govern,
    entries: [
      {
        label: t.customers,
        icon: Building2,
        route: `${TENANT}/customers`,
        permission: 'customers',
        key: 'c',
      },
      { label: t.workspaces, icon: Gauge, route: `${TENANT}/workspaces`, permission: 'settings' },
      { label: t.access, icon: ShieldCheck, route: `${TENANT}/access`, permission: 'access' },
      { label: t.usage, icon: ChartNoAxesColumn, route: `${TENANT}/usage`, permission: 'usage' },
      { label: t.clusters, icon: Network, route: `${TENANT}/clusters`, permission: 'clusters' },
      { label: t.lockbox, icon: ShieldQuestion, route: `${TENANT}/lockbox`, permission: 'lockbox' },
      { label: t.settings, icon: Settings, route: `${WORKSPACE}/settings`, permission: 'settings' },
    ],
  },
]
