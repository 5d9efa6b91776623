/** The onboarding that was begun last: it goes on while one is on another page, and is kept until the next begins. */

import { create } from 'zustand'
import { ApiError } from '@/api/client'
import { startOperation } from '@/app/notices'
import { t } from '@/i18n/en/onboarding'
import { onboard, type NewCustomer, type Onboarded, type OnboardingPlan, type Step } from './api'

export interface Entry {
  readonly customer: NewCustomer
  readonly state: 'waiting' | 'working' | 'done' | 'failed'
  readonly steps: readonly Step[]
  /** All that was told of it, also by attempts that failed: secrets are told once. */
  readonly made: Readonly<Record<string, unknown>>
  readonly problem?: string | undefined
}

interface Job {
  readonly plan: OnboardingPlan | null
  readonly entries: readonly Entry[]
  readonly isRunning: boolean
}

const NOTHING: Job = { plan: null, entries: [], isRunning: false }

export const useJob = create<Job>(() => NOTHING)

export function forgetJob(): void {
  useJob.setState(NOTHING)
}

/** Onboards the customers one after the other, so that each is there or refused by itself. */
export function startJob(plan: OnboardingPlan, customers: readonly NewCustomer[]): Promise<void> {
  const entries = customers.map((customer): Entry => ({ customer, state: 'waiting', steps: [], made: {} }))
  useJob.setState({ plan, entries, isRunning: false })
  return goOn()
}

/** Onboards those that are not there yet: also the way to try again what failed. */
export function goOn(): Promise<void> {
  const { entries, isRunning } = useJob.getState()
  const count = entries.filter((entry) => entry.state !== 'done').length
  if (isRunning || count === 0) return Promise.resolve()
  return startOperation(t.onboarding(count), { canCancel: true, run: work }).catch(() => undefined)
}

async function work(
  report: (state: { progress?: number; text?: string }) => void,
  signal: AbortSignal,
): Promise<void> {
  const { plan, entries, isRunning } = useJob.getState()
  // The bell offers to try again what was put away meanwhile, or goes on already.
  if (!plan || isRunning) throw new Error(isRunning ? t.runsAlready : t.putAway)
  const left = entries.flatMap((entry, index) => (entry.state === 'done' ? [] : [index]))
  useJob.setState({ isRunning: true })
  try {
    for (const [done, index] of left.entries()) {
      // A request under way is not cut off: what it makes is told by its answer alone.
      signal.throwIfAborted()
      report({ progress: (100 * done) / left.length, text: entries[index]!.customer.name })
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await take(plan, index)
    }
  } finally {
    useJob.setState({ isRunning: false })
  }
  const failed = useJob.getState().entries.filter((entry) => entry.state === 'failed').length
  if (failed > 0) throw new Error(t.someFailed(failed, left.length))
}

async function take(plan: OnboardingPlan, index: number): Promise<void> {
  const { customer } = useJob.getState().entries[index]!
  change(index, () => ({ state: 'working', problem: undefined }))
  try {
    const told = await onboard(plan, customer)
    change(index, (entry) => outcome(entry, told))
  } catch (failure) {
    change(index, () => ({
      state: 'failed',
      problem: failure instanceof Error ? failure.message : String(failure),
    }))
    // Without a server, or without a session, the others would fail alike.
    if (failure instanceof ApiError && (failure.status === 0 || failure.status === 401)) throw failure
  }
}

function outcome(entry: Entry, told: Onboarded): Partial<Entry> {
  return {
    state: told.state === 'Failed' ? 'failed' : 'done',
    steps: told.steps ?? [],
    made: { ...entry.made, ...told.made },
    problem: told.error?.message,
  }
}

function change(index: number, changes: (entry: Entry) => Partial<Entry>): void {
  useJob.setState(({ entries }) => ({
    entries: entries.map((entry, at) => (at === index ? { ...entry, ...changes(entry) } : entry)),
  }))
}

/** What customers need to begin, as the command line prints it; null where no secret was told. */
export function secretsText(entries: readonly Entry[]): string | null {
  const told = entries.filter(({ made }) => Object.keys(made).length > 0)
  if (!told.some(({ made }) => 'enrollmentKey' in made || 'primaryKey' in made)) return null
  return `${JSON.stringify(
    told.map(({ customer, made }) => ({ name: customer.name, ...made })),
    null,
    2,
  )}\n`
}
