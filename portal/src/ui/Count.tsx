import { formatCount, formatShortCount } from '@/lib/format'

/** A number with its groups; `isShort` shows `41M` and the exact one on hover. */
export function Count({
  value,
  isShort,
}: {
  readonly value: number | bigint | null | undefined
  readonly isShort?: boolean
}) {
  if (value === null || value === undefined) return null
  return isShort ? <span title={formatCount(value)}>{formatShortCount(value)}</span> : formatCount(value)
}
