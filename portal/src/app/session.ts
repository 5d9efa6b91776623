import { queryOptions, useSuspenseQuery, type QueryClient } from '@tanstack/react-query'
import { request } from '@/api/client'
import { actIn, actingTenant } from '@/api/tenant'

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

/** Names of tenants, as addresses have them, that lead where this page acts; something there may be delegated. */
const namesHere = new Set<string>()

/** A page that no address of a tenant led to acts where the session does. */
export function stayWhereSessionIs({ tenant }: Session): void {
  if (actingTenant() === '') actIn(tenant.id)
}

/**
 * Has this page act in the tenant that its address names, by id or domain. What a page holds is of one tenant: for
 * another one it is loaded anew, and other tabs stay where they are.
 */
export async function enterTenant(client: QueryClient, session: Session, name: string): Promise<void> {
  const isHere = [session.tenant.id, session.tenant.domain].includes(name) || namesHere.has(name)
  if (isHere) return stayWhereSessionIs(session)
  const body = { tenant: name }
  const next = await request<Session>('POST', '/portal/api/session/tenant', { body })
  if (actingTenant() !== '' && actingTenant() !== next.tenant.id) {
    window.location.reload()
    return new Promise(() => undefined)
  }
  namesHere.add(name)
  actIn(next.tenant.id)
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
