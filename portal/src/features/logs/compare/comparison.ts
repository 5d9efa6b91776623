import { absoluteTimespan, resolveTimespan, type Timespan } from '@/lib/time'
import type { RunState } from '../run/state'
import type { TimePart } from './questions'

/** A part of the time, and all of the time that it is compared with the rest of. */
export interface Comparison {
  readonly run: RunState
  readonly part: TimePart
  readonly timespan: Timespan
}

/**
 * What is picked of a run's time against the rest of it; with nothing picked the run's own time, which a brush left,
 * against the range before. Null where there is nothing to compare with.
 */
export function comparisonOf(
  run: RunState,
  picked: TimePart | null,
  rangeBefore: Timespan | null,
): Comparison | null {
  const { timespan, startedAt } = run
  if (timespan === null || startedAt === null) return null
  const whole = picked ? timespan : rangeBefore
  if (whole === null) return null
  const own = resolveTimespan(timespan, startedAt)
  const around = resolveTimespan(whole, startedAt)
  const part = picked ?? (own.from ? { from: own.from, to: own.to } : null)
  if (!part) return null
  return { run, part, timespan: around.from ? absoluteTimespan(around.from, around.to) : '' }
}
