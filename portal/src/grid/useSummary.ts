import { useEffect } from 'react'
import type { Area, Result, Summary } from '@/workers/result'
import { columnsOf, isWide, linesOf, type Selection } from './keys'
import type { ShownColumn } from './layout'
import type { GridView } from './useView'

/** The part of the result that a selection covers. */
export function areaOf(selection: Selection, shown: readonly ShownColumn[]): Area {
  const [from, to] = columnsOf(selection)
  const columns = shown.slice(Math.max(from - 1, 0), to).map(({ index }) => index)
  return { lines: linesOf(selection), columns }
}

/** Adds up what is selected, and tells it. */
export function useSummary(
  result: Result,
  view: GridView,
  shown: readonly ShownColumn[],
  selection: Selection | null,
  onSelection: ((summary: Summary | null) => void) | undefined,
): void {
  const { number, arranged } = view
  useEffect(() => {
    if (!onSelection) return undefined
    if (!selection || !isWide(selection)) return onSelection(null)
    let isGone = false
    // While one drags over cells, only the last selection is added up.
    const timer = setTimeout(() => {
      void result
        .ask('summarize', number, areaOf(selection, shown))
        .then((summary) => !isGone && onSelection(summary))
        .catch(() => undefined)
    }, 60)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- other rows stand in the same lines
  }, [result, number, arranged, shown, selection, onSelection])
}
