import { useCallback, useEffect, useState } from 'react'
import type { Result, ResultState } from '@/workers/result'
import { fitWidth, type ShownColumn } from './layout'

/** Rows and columns that the first widths are taken from. */
const ROWS = 50
const COLUMNS = 200

let views = -1

/** Widths that fit the first rows, as soon as they are here; later rows move nothing. */
export function useFittedWidths(result: Result, state: ResultState, timeZone: string) {
  const [widths, setWidths] = useState<ReadonlyMap<string, number>>(new Map())
  const [view] = useState(() => (views -= 1))
  const hasRows = state.loaded > 0
  const { columns } = state

  const measure = useCallback(
    async (indexes: readonly number[]) => {
      const lines = await result.ask('lines', view, 0, ROWS, indexes, timeZone)
      void result.ask('forget', view).catch(() => undefined)
      return indexes.map((index, place) => {
        const texts = lines.map((line) => ('row' in line ? line.cells[place]! : null))
        return [columns[index]!.name, fitWidth(columns[index]!, texts)] as const
      })
    },
    [result, view, timeZone, columns],
  )

  useEffect(() => {
    if (!hasRows) return
    const indexes = columns.slice(0, COLUMNS).map((_, index) => index)
    void measure(indexes)
      .then((found) => setWidths(new Map(found)))
      .catch(() => undefined)
  }, [hasRows, columns, measure])

  const fit = useCallback(
    async (column: ShownColumn) => (await measure([column.index]))[0]?.[1] ?? column.width,
    [measure],
  )
  return { widths, fit }
}
