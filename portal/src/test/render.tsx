import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterProvider,
  type AnyRouter,
} from '@tanstack/react-router'
import { render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { parseSearch, stringifySearch } from '@/lib/url-state'

/** Draws something as a page at an address, for tests. The router that comes back tells where one is. */
export async function renderAt(
  href: string,
  content: ReactNode,
  client = new QueryClient(),
): Promise<AnyRouter> {
  const route = createRootRoute({ component: () => content, notFoundComponent: () => content })
  const history = createMemoryHistory({ initialEntries: [href] })
  const router = createRouter({ routeTree: route, history, parseSearch, stringifySearch })
  await router.load()
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router as never} />
    </QueryClientProvider>,
  )
  return router
}
