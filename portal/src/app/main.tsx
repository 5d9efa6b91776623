import '@/ui/tokens.css'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { RouterProvider as LinkProvider } from 'react-aria-components'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { ApiError, whenSessionEnds } from '@/api/client'
import { applyAppearance } from '@/lib/preferences'
import { ToastHost } from '@/ui/ToastHost'
import { giveNonceToStyles } from './csp-nonce'
import { makeRouter } from './routes'
import { leaveToSignIn, whenOtherTabSignsOut } from './session'
import { guardSinks } from './trusted-types'

guardSinks()
giveNonceToStyles()
applyAppearance()

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What the server refused, it refuses again.
      retry: (count, error) =>
        count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
    },
  },
})
const router = makeRouter(client)

whenSessionEnds(() => leaveToSignIn())
whenOtherTabSignsOut(() => leaveToSignIn())

const root = document.querySelector('#root')
if (!root) throw new Error('The page has no #root.')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <LinkProvider navigate={(href) => void router.navigate({ href })}>
        <RouterProvider router={router} />
        <ToastHost />
      </LinkProvider>
    </QueryClientProvider>
  </StrictMode>,
)
