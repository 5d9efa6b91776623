import { useState } from 'react'
import type { SignInStep } from '@/app/session'

/** One try after the other: whether one is on its way, and what was wrong with the last. */
export function useAttempt(onStep: (step: SignInStep) => Promise<void>) {
  const [isPending, setPending] = useState(false)
  const [problem, setProblem] = useState<unknown>(null)

  async function attempt(send: () => Promise<SignInStep>) {
    if (isPending) return
    setPending(true)
    setProblem(null)
    try {
      await onStep(await send())
    } catch (failure) {
      setProblem(failure)
    } finally {
      setPending(false)
    }
  }

  return { attempt, isPending, problem }
}
