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
  /** When the session ends if nobody does anything, and when at the latest. */
  readonly idleEndsAt?: string
  readonly endsAt?: string
  readonly permissions: Permissions
  readonly defaultWorkspace: string | null
  readonly version: string
}

/** Whether the person may do something at all: what they may not is not offered. */
export function useCan(permission: keyof Permissions): boolean {
  return useSession().permissions[permission]
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

/** Has the session act in the tenant that an address names, by its id or its domain. */
export async function switchTenant(client: QueryClient, session: Session, tenant: string): Promise<void> {
  if (tenant === session.tenant.domain || tenant === session.tenant.id) return
  const found = session.tenants.find(({ id, domain }) => id === tenant || domain === tenant)
  const next = await request<SessionState>('POST', '/portal/api/session/tenant', {
    body: { tenant: found?.id ?? tenant },
  })
  // What was read as somebody of one tenant is nothing to who acts in another.
  client.removeQueries()
  client.setQueryData(sessionQuery.queryKey, next)
}

/** Other tabs of this browser: they learn here that one signed out. */
const tabs = new BroadcastChannel('kelp.session')

export function whenOtherTabSignsOut(listener: () => void): void {
  tabs.addEventListener('message', listener)
}

/** Ends the session there, and leaves to the sign-in. */
export async function signOut(): Promise<void> {
  await request('DELETE', '/portal/api/session')
  tabs.postMessage('signed-out')
  leaveToSignIn('/')
}

/** Begins anew at the sign-in: with the page goes all that it held in memory. */
export function leaveToSignIn(
  next = window.location.pathname + window.location.search + window.location.hash,
): void {
  window.location.replace(`/signin?next=${encodeURIComponent(next)}`)
}
