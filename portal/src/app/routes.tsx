import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { parseSearch, stringifySearch } from '@/lib/url-state'
import { sessionQuery } from './session'

interface Context {
  readonly client: QueryClient
}

const root = createRootRouteWithContext<Context>()({ component: Outlet })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/signin',
  validateSearch: (search: Record<string, unknown>) => ({ ...search, next: String(search['next'] ?? '/') }),
  component: lazyRouteComponent(() => import('@/features/signin/route'), 'SignIn'),
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

const tenant = createRoute({ getParentRoute: () => signedIn, path: '/t/$tenant' })

const tree = root.addChildren([signIn, signedIn.addChildren([start, tenant])])

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    parseSearch,
    stringifySearch,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
