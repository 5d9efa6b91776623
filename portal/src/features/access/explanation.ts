/** The server's account of a decision on access, and what is read from it. */

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { armPost } from '@/api/arm'
import { below, VERSION, type Grant } from './api'

/** A role that was looked at, with what it says to the action. */
export interface WeighedRole {
  readonly roleName: string
  readonly scope: string
  readonly principalId: string
  readonly principalName: string
  /** The groups that lead to the one that holds it, the nearest first; absent where it is held directly. */
  readonly through?: readonly string[]
  readonly assignmentId: string
  readonly createdOn: string
  readonly createdBy: string
  readonly condition?: string
  /** What is left of its condition: always, never, or a condition on records. */
  readonly left: string
  readonly managedByTenantName?: string
  readonly permits: boolean
  /** The pattern that grants the action, and the one that takes it away again. */
  readonly granting?: string
  readonly excluding?: string
}

/** The decision on one action. */
export interface Way {
  readonly allowed: boolean
  readonly reason: string
  readonly action: string
  readonly isDataAction: boolean
  readonly scope: string
  readonly grantedBy: string | null
  readonly limits: readonly string[]
  readonly temporary: string | null
  readonly roles: readonly WeighedRole[]
}

export interface Place {
  readonly scope: string
  readonly kind: 'tenant' | 'subscription' | 'resourceGroup' | 'workspace' | 'table' | 'resource'
  readonly name: string
}

export interface Explanation extends Way {
  readonly principal: { readonly id: string; readonly name: string }
  /** From the tenant down to the scope. */
  readonly places: readonly Place[]
  /** The other of the two actions that read the same table. */
  readonly otherWay?: Way
  /** Why the network that the reader comes from is not let in. */
  readonly networkRefusal?: string | null
  /** What would be with the changes that were asked about. */
  readonly supposed?: Explanation
}

/** Assignments to suppose away, and others to suppose. */
export interface Changes {
  readonly without: readonly string[]
  readonly with: readonly Grant[]
}

export const NO_CHANGES: Changes = { without: [], with: [] }

export interface Question {
  readonly scope: string
  /** A sign-in name, or the id of a person, group or application; empty for the reader. */
  readonly principal: string
  readonly action: string
  readonly isDataAction: boolean
}

export function explanationQuery({ scope, ...question }: Question, changes: Changes) {
  return queryOptions({
    queryKey: ['access', 'explanation', scope, question, changes],
    queryFn: ({ signal }) =>
      armPost<Explanation>(
        below(scope, 'explainAccess'),
        VERSION,
        { ...question, ...sent(changes) },
        { signal },
      ),
    enabled: scope !== '' && question.action !== '',
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  })
}

/** Changes as the server reads them. */
export function sent(changes: Changes) {
  const given = changes.with.map(({ condition, ...grant }) => (condition ? { ...grant, condition } : grant))
  return { without: changes.without, with: given }
}

export interface Verdict {
  readonly allowed: boolean
  /** Only records for which any of these holds; empty for all. */
  readonly limits: readonly string[]
  /** The assignment that decided. */
  readonly grantedBy: string | null
  readonly temporary: string | null
  /** Why not, in the server's words. */
  readonly reason: string
}

/** Both ways to read a table together: what either lets through is read. */
export function verdictOf(explanation: Explanation): Verdict {
  const ways = waysOf(explanation)
  const allowed = ways.filter((way) => way.allowed)
  const deciding = allowed.find((way) => way.limits.length === 0) ?? allowed[0]
  const isWhole = allowed.some((way) => way.limits.length === 0)
  return {
    allowed: allowed.length > 0,
    limits: isWhole ? [] : [...new Set(allowed.flatMap((way) => way.limits))],
    grantedBy: deciding?.grantedBy ?? null,
    temporary: deciding?.temporary ?? null,
    reason: (deciding ?? explanation).reason,
  }
}

/** A role of the trace, with the action by which it gives most. */
export interface TracedRole extends WeighedRole {
  readonly action: string
}

/** The roles at each place, from the tenant down; those of a place that is not told of stand at the next above. */
export function rolesByPlace(explanation: Explanation): readonly [Place, readonly TracedRole[]][] {
  const roles = tracedRoles(explanation)
  return explanation.places.map((place) => [
    place,
    roles.filter((role) => role.scope.toLowerCase() === place.scope.toLowerCase()),
  ])
}

function tracedRoles(explanation: Explanation): readonly TracedRole[] {
  const best = new Map<string, TracedRole>()
  for (const way of waysOf(explanation)) {
    for (const role of way.roles) {
      const key = `${role.assignmentId} ${role.principalId} ${role.roleName}`
      const known = best.get(key)
      if (!known || strength(role) > strength(known)) best.set(key, { ...role, action: way.action })
    }
  }
  return [...best.values()]
}

function waysOf(explanation: Explanation): readonly Way[] {
  return explanation.otherWay ? [explanation, explanation.otherWay] : [explanation]
}

export type Effect = 'gives' | 'limits' | 'fails' | 'excludes' | 'nothing'

/** What a role does for the action: gives it, gives it for some records, or why not. */
export function effectOf(role: WeighedRole): Effect {
  if (role.left === 'always') return 'gives'
  if (role.left !== 'never') return 'limits'
  if (role.permits) return 'fails'
  return role.excluding ? 'excludes' : 'nothing'
}

const STRENGTH: Record<Effect, number> = { gives: 4, limits: 3, fails: 2, excludes: 1, nothing: 0 }

function strength(role: WeighedRole): number {
  return STRENGTH[effectOf(role)]
}

/** A condition without the long words that all of them share: `Computer StringStartsWith 'web-'`. */
export function shortCondition(text: string): string {
  return text
    .replaceAll(/@Resource\[Microsoft\.OperationalInsights\/workspaces\/tables\/record:([^\]]+)\]/gi, '$1')
    .replaceAll(/@Resource\[Microsoft\.OperationalInsights\/workspaces\/tables:name\]/gi, 'table')
}
