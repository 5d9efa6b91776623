import { useCallback, useState } from 'react'

export interface OpenRows {
  readonly rows: ReadonlySet<number>
  readonly toggle: (row: number) => void
}

/** The rows whose details stand under them. */
export function useOpenRows(): OpenRows {
  const [rows, setRows] = useState<ReadonlySet<number>>(new Set())
  const toggle = useCallback((row: number) => {
    setRows((open) => {
      const next = new Set(open)
      if (!next.delete(row)) next.add(row)
      return next
    })
  }, [])
  return { rows, toggle }
}
