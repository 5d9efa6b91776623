import { formatBytes, formatCount } from '@/lib/format'

/** An amount of bytes; the exact one on hover. */
export function Bytes({ value }: { readonly value: number | null | undefined }) {
  if (value === null || value === undefined) return null
  return <span title={`${formatCount(value)} B`}>{formatBytes(value)}</span>
}
