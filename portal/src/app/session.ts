import { queryOptions, useSuspenseQuery, type QueryClient } from '@tanstack/react-query'
import { ask, type Question, type Schemas } from '@/api/ask'
import { actIn, actingTenant } from '@/api/tenant'

type Told = Schemas['PortalSession']

export type Tenant = Session['tenant']

/** What the signed-in person may do at all; the server refuses what they may not, whatever is offered here. */
export type Permissions = Session['permissions']

/** Who is signed in, in which tenant; when it ends if nobody does anything, and when at the latest. */
export type Session = Required<Omit<Told, 'signedIn' | 'secondFactor' | 'ticket'>> & {
  readonly signedIn: true
}

/** Whether the person may do something at all: what they may not is not offered. */
export function useCan(permission: keyof Permissions): boolean {
  return useSession().permissions[permission]
}

export type SessionState = Session | { readonly signedIn: false }

export type SignInStep = SessionState | Required<Pick<Told, 'secondFactor' | 'ticket'>>

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => askSession({ signal }),
  staleTime: 60_000,
})

export async function askSession(options: Question<'GET /portal/api/session'>): Promise<SessionState> {
  return (await ask('GET /portal/api/session', options)) as SessionState
}

/** The session of a page that only signed-in people reach. */
export function useSession(): Session {
  const { data } = useSuspenseQuery(sessionQuery)
  if (!data.signedIn) throw new Error('A page of the shell was shown without a session.')
  return data
}

export async function signIn(userName: string, password: string, tenant?: string): Promise<SignInStep> {
  const body = { userName, password, ...(tenant === undefined ? {} : { tenant }) }
  return (await ask('POST /portal/api/session', { body })) as SignInStep
}

export async function giveSecondFactor(ticket: string, code: string): Promise<SignInStep> {
  return (await ask('POST /portal/api/session/totp', { body: { ticket, code } })) as SignInStep
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
  const next = (await ask('POST /portal/api/session/tenant', { body: { tenant: name } })) as Session
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
  await ask('DELETE /portal/api/session')
  tabs.postMessage('signed-out')
  leaveToSignIn('/')
}

/** Begins anew at the sign-in: with the page goes all that it held in memory. */
export function leaveToSignIn(
  next = window.location.pathname + window.location.search + window.location.hash,
): void {
  window.location.replace(`/signin?next=${encodeURIComponent(next)}`)
}
