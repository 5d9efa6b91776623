import { useEffect, useMemo, useState } from 'react'
import type { Arranged, Arrangement, Result, ResultState } from '@/workers/result'
import { arrangementOf, type GridLayout } from './layout'
import { Lines } from './lines'

export interface GridView {
  readonly number: number
  readonly arranged: Arranged
  readonly lines: Lines
  /** Whether the worker still arranges what was last asked for. */
  readonly isArranging: boolean
}

let views = 0

const NOTHING: Arranged = { length: 0, rows: 0, groups: 0 }

/** One arrangement of a result, kept in the worker, and the lines of it that the page has. */
export function useView(result: Result, state: ResultState, layout: GridLayout, timeZone: string): GridView {
  const [number] = useState(() => (views += 1))
  const { sort, filters, groupBy, open } = layout
  const arrangement = useMemo(
    () => arrangementOf({ sort, filters, groupBy, open } as GridLayout),
    [sort, filters, groupBy, open],
  )
  const lines = useMemo(() => new Lines(result, number, timeZone), [result, number, timeZone])
  const [done, setDone] = useState<{ readonly of: Arrangement; readonly arranged: Arranged } | null>(null)
  const isReady = state.columns.length > 0
  const isPlain = isPlainArrangement(arrangement)

  // The order of rows that come later is known only when they are here.
  const loaded = isPlain ? -1 : state.loaded
  useEffect(() => {
    if (!isReady) return undefined
    let isGone = false
    const arrange = async () => {
      const arranged = await result.ask('arrange', number, arrangement).catch(() => null)
      if (isGone || !arranged) return
      setDone({ of: arrangement, arranged })
      lines.reset()
    }
    void arrange()
    return () => {
      isGone = true
    }
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- more rows are arranged anew
  }, [result, number, arrangement, lines, isReady, loaded])

  const plainRows = isPlain ? state.loaded : -1
  useEffect(() => {
    if (plainRows > 0) lines.extend()
  }, [lines, plainRows])

  useEffect(() => () => void result.ask('forget', number).catch(() => undefined), [result, number])

  const { loaded: rows } = state
  const plain = useMemo(() => ({ length: rows, rows, groups: 0 }), [rows])
  const arranged = isPlain ? plain : (done?.arranged ?? NOTHING)
  return { number, arranged, lines, isArranging: !isPlain && done?.of !== arrangement }
}

function isPlainArrangement({ sort, filters, groupBy }: Arrangement): boolean {
  return sort.length === 0 && filters.length === 0 && groupBy === null
}
