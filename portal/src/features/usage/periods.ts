import type { Period } from './api'

export type PeriodName = 'month' | 'lastMonth' | '7' | '31' | '90'

/** The days that a name stands for, in UTC, today included. */
export function daysOf(name: PeriodName, now: Date): Period {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  switch (name) {
    case 'month':
      return { from: iso(year, month, 1), to: iso(year, month, day) }
    case 'lastMonth':
      return { from: iso(year, month - 1, 1), to: iso(year, month, 0) }
    default:
      return { from: iso(year, month, day - Number(name) + 1), to: iso(year, month, day) }
  }
}

function iso(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10)
}
