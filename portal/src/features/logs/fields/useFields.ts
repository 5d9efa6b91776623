import { useEffect, useState } from 'react'
import type { Field, Result, ResultState } from '@/workers/result'

/** Figures of the columns that are listed, one after the other, so that the grid's questions come between. */
export function useFields(
  result: Result,
  { loaded, isComplete }: ResultState,
  columns: readonly { readonly index: number }[],
): ReadonlyMap<number, Field> {
  const [found, setFound] = useState<ReadonlyMap<number, Field>>(new Map())
  const wanted = columns.map(({ index }) => index).join()
  useEffect(() => {
    // Rows that still come would make each figure wrong at once.
    if (!isComplete || wanted === '') return undefined
    let isGone = false
    const read = async () => {
      const figures = new Map<number, Field>()
      for (const index of wanted.split(',').map(Number)) {
        if (isGone) return
        // oxlint-disable-next-line no-await-in-loop -- one at a time is the purpose
        figures.set(index, await result.ask('field', index))
      }
      if (!isGone) setFound(figures)
    }
    void read().catch(() => undefined)
    return () => {
      isGone = true
    }
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- more rows have other figures
  }, [result, wanted, isComplete, loaded])
  return found
}
