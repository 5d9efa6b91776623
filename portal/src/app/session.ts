import { queryOptions, useSuspenseQuery, type QueryClient } from '@tanstack/react-query'
import { request } from '@/api/client'

export interface Tenant {
  readonly id: string
  readonly name: string
  readonly domain: string
}

/** What the signed-in person may do at all; the server refuses what they may not, whatever is offered here. */
export interface Permissions {
  readonly customers: boolean
  readonly access: boolean
  readonly clusters: boolean
  readonly lockbox: boolean
  readonly activity: boolean
  readonly usage: boolean
  readonly settings: boolean
  readonly write: boolean
}

export interface Session {
  readonly signedIn: true
  readonly user: { readonly objectId: string; readonly name: string; readonly userName: string }
  readonly tenant: Tenant
  readonly tenants: readonly (Tenant & { readonly kind: 'home' | 'guest' | 'delegated' })[]
  readonly idleSeconds: number
  readonly permissions: Permissions
  readonly defaultWorkspace: string | null
  readonly version: string
}

export type SessionState = Session | { readonly signedIn: false }

export type SignInStep = SessionState | { readonly secondFactor: 'totp'; readonly ticket: string }

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => request<SessionState>('GET', '/portal/api/session', { signal }),
  staleTime: 60_000,
})

/** The session of a page that only signed-in people reach. */
export function useSession(): Session {
  const { data } = useSuspenseQuery(sessionQuery)
  if (!data.signedIn) throw new Error('A page of the shell was shown without a session.')
  return data
}

export function signIn(userName: string, password: string, tenant?: string): Promise<SignInStep> {
  return request<SignInStep>('POST', '/portal/api/session', { body: { userName, password, tenant } })
}

export function giveSecondFactor(ticket: string, code: string): Promise<SignInStep> {
  return request<SignInStep>('POST', '/portal/api/session/totp', { body: { ticket, code } })
}

/** Ends the session there, and forgets here whatever was read in it. */
export async function signOut(client: QueryClient): Promise<void> {
  await request('DELETE', '/portal/api/session')
  client.clear()
  client.setQueryData(sessionQuery.queryKey, { signedIn: false })
}
