import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { ownPath, parseSearch, stringifySearch } from '@/lib/url-state'
import { Fault } from './shell/Fault'
import { NotFound } from './shell/NotFound'
import { Pending } from './shell/Pending'
import { enterTenant, sessionQuery, stayWhereSessionIs } from './session'
import { resolveShare } from './shares'

interface Context {
  readonly client: QueryClient
}

const root = createRootRouteWithContext<Context>()({ component: Outlet })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/signin',
  validateSearch: (search: Record<string, unknown>) => ({ ...search, next: ownPath(search['next']) }),
  beforeLoad: async ({ context, search }) => {
    const session = await context.client.ensureQueryData(sessionQuery)
    if (session.signedIn) throw redirect({ href: search.next })
  },
  component: lazyRouteComponent(() => import('@/features/signin/route'), 'SignIn'),
})

/** Where a provider's sign-in comes back to: the session is there, or the page to begin again is. */
const callback = createRoute({
  getParentRoute: () => root,
  path: '/signin/callback',
  validateSearch: (search: Record<string, unknown>) => ({ next: ownPath(search['next']) }),
  beforeLoad: ({ search }) => {
    throw redirect({ href: search.next })
  },
})

/** Whatever needs a session; who has none signs in and comes back to the same address. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuery)
    if (!session.signedIn) throw redirect({ to: '/signin', search: { next: location.href } })
    return { session }
  },
  component: lazyRouteComponent(() => import('./shell/Shell'), 'Shell'),
})

const start = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: ({ context }) => {
    throw redirect({ to: '/t/$tenant', params: { tenant: context.session.tenant.domain } })
  },
})

const me = createRoute({
  getParentRoute: () => signedIn,
  path: '/me',
  beforeLoad: ({ context, preload }) => {
    if (!preload) stayWhereSessionIs(context.session)
  },
  component: lazyRouteComponent(() => import('@/features/me/route'), 'Me'),
})

/** A link that the server keeps leads where it was made. */
const share = createRoute({
  getParentRoute: () => signedIn,
  path: '/s/$share',
  beforeLoad: async ({ params }) => {
    throw redirect({ href: await resolveShare(params.share) })
  },
})

/** A tenant's pages: they act in the tenant that the address names. */
const tenant = createRoute({
  getParentRoute: () => signedIn,
  path: '/t/$tenant',
  beforeLoad: async ({ context, params, preload }) => {
    if (!preload) await enterTenant(context.client, context.session, params.tenant)
  },
})

type Pages<K extends string> = () => Promise<Record<K, () => React.ReactNode>>

function page<const Path extends string, K extends string>(path: Path, load: Pages<K>, name: K) {
  return createRoute({ getParentRoute: () => tenant, path, component: lazyRouteComponent(load, name) })
}

/** One line a page; a page below a workspace begins with `w/$workspace`. */
const pages = [
  page('/', () => import('@/features/home/route'), 'Home'),
  page('access', () => import('@/features/access/route'), 'Access'),
  page('activity', () => import('@/features/activity/route'), 'Activity'),
  page('clusters', () => import('@/features/clusters/route'), 'Clusters'),
  page('customers', () => import('@/features/customers/route'), 'Customers'),
  page('dash', () => import('@/features/dash/route'), 'Dashboards'),
  page('dash/$dashboard', () => import('@/features/dash/route'), 'DashboardRoute'),
  page('lockbox', () => import('@/features/lockbox/route'), 'Lockbox'),
  page('usage', () => import('@/features/usage/route'), 'Usage'),
  page('w/$workspace/rules', () => import('@/features/rules/route'), 'Rules'),
  page('w/$workspace/tables', () => import('@/features/tables/route'), 'Tables'),
  page('w/$workspace/keys', () => import('@/features/keys/route'), 'Keys'),
  page('w/$workspace/agents', () => import('@/features/agents/route'), 'Agents'),
  page('w/$workspace/settings', () => import('@/features/settings/route'), 'Settings'),
  page('w/$workspace/logs', () => import('@/features/logs/route'), 'Logs'),
  page('workspaces', () => import('@/features/workspaces/route'), 'Workspaces'),
] as const

const tree = root.addChildren([
  signIn,
  callback,
  signedIn.addChildren([start, me, share, tenant.addChildren(pages)]),
])

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    defaultPendingComponent: Pending,
    defaultErrorComponent: Fault,
    defaultNotFoundComponent: NotFound,
    parseSearch,
    stringifySearch,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
