import { useDashboard } from './context'
import type { QueryItem } from './document'

/** Sets the parameters that an item's `onClick` names from the texts of a row, by column; null where it names none. */
export function usePick(item: QueryItem): ((row: Readonly<Record<string, string>>) => void) | null {
  const { setValues } = useDashboard()
  const clicks = item.onClick ?? []
  if (clicks.length === 0) return null
  return (row) =>
    setValues(
      Object.fromEntries(
        clicks.flatMap(({ set, from }) => (row[from] === undefined ? [] : [[set, [row[from]]]])),
      ),
    )
}
