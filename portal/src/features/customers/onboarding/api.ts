import { armPost } from '@/api/arm'
import type { ErrorDetail } from '@/api/client'
import { WORKSPACE_VERSION } from '@/api/workspaces'

const ONBOARD = '/providers/Microsoft.OperationalInsights/onboardCustomers'

export type Architecture = 'central' | 'distributed' | 'hybrid'

/** How to onboard, whomever. */
export interface OnboardingPlan {
  readonly architecture: Architecture
  /** The provider's workspace, of central and hybrid customers. */
  readonly workspaceResourceId?: string
  readonly domainSuffix?: string
  readonly pulledTables?: readonly string[]
  /** Who of the provider gets which role in tenants of customers; the reader if there are none. */
  readonly authorizations?: readonly { readonly principalId: string; readonly roleDefinitionId: string }[]
  readonly template?: unknown
}

export interface NewCustomer {
  readonly name: string
  readonly displayName?: string
  readonly dailyQuotaGb?: number
  readonly retentionInDays?: number
  readonly domain?: string
  readonly reader?: string
}

export interface Difference {
  readonly path: string
  readonly before: unknown
  readonly after: unknown
}

export interface Step {
  readonly kind: 'tenant' | 'customer' | 'reader' | 'pull' | 'template'
  readonly target: string
  readonly change: 'Create' | 'Modify' | 'NoChange' | 'Deploy' | 'Unsupported'
  readonly differences: readonly Difference[]
}

/** One customer of a request: what would be made of it or was, or why not. */
export interface Onboarded {
  readonly line: number
  readonly name: string
  readonly state: 'Planned' | 'Succeeded' | 'Failed'
  readonly customer?: NewCustomer
  readonly steps?: readonly Step[]
  /** What the customer needs to begin; secrets are told once. */
  readonly made?: Readonly<Record<string, unknown>>
  readonly error?: ErrorDetail & { readonly details?: readonly ErrorDetail[] }
}

async function ask(plan: OnboardingPlan, more: Readonly<Record<string, unknown>>): Promise<Onboarded[]> {
  const answer = await armPost<{ value: Onboarded[] }>(ONBOARD, WORKSPACE_VERSION, { ...plan, ...more })
  return answer.value
}

/** What onboarding the customers of a list would make; nothing is made. */
export function foresee(plan: OnboardingPlan, list: string): Promise<Onboarded[]> {
  return ask(plan, { list, dryRun: true })
}

/** Onboards one customer. What is there already stays. */
export async function onboard(plan: OnboardingPlan, customer: NewCustomer): Promise<Onboarded> {
  const [told] = await ask(plan, { customers: [customer] })
  return told!
}
