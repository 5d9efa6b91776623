import { t } from '@/i18n/en/activity'
import type { Change, MemberChange } from './api'

type Side = 'before' | 'after'

/** One side of a change as lines, one for each member that is there. */
export function textOf({ members }: Change, side: Side): string {
  const lines = members.map((member) => lineOf(member, side)).filter((line) => line !== null)
  return lines.length > 0 ? lines.join('\n') : t.nothing
}

function lineOf(member: MemberChange, side: Side): string | null {
  if (member.isSecret) return `${member.path}: ${side === 'before' ? t.secretBefore : t.secretAfter}`
  const value = member[side]
  return value === null ? null : `${member.path}: ${JSON.stringify(value)}`
}
