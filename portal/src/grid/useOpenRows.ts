import { useCallback, useState } from 'react'
import type { Result } from '@/workers/result'

export interface OpenRows {
  readonly rows: ReadonlySet<number>
  readonly toggle: (row: number) => void
}

/** The rows whose details stand under them. */
export function useOpenRows(result: Result): OpenRows {
  const [rows, setRows] = useState<ReadonlySet<number>>(new Set())
  const [shown, setShown] = useState(result)
  // The rows of another result are other rows.
  if (shown !== result) {
    setShown(result)
    setRows(new Set())
  }
  const toggle = useCallback((row: number) => {
    setRows((open) => {
      const next = new Set(open)
      if (!next.delete(row)) next.add(row)
      return next
    })
  }, [])
  return { rows, toggle }
}
