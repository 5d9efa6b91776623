import { absoluteTimespan, type Timespan } from '@/lib/time'
import { activeTab, useTabs } from '../tabs/store'
import { editQuery } from './edit'
import { runAgain } from './run'
import { filtersTime } from './statement'
import { runOf } from './store'

/** Ranges that a tab had before a brush, the newest last. */
const before = new Map<string, Timespan[]>()

/** Takes the range that was brushed over the histogram or a chart, and runs. A query that sets its own gets it added. */
export function setTimespan(from: Date, to: Date): void {
  const tab = activeTab()
  if (filtersTime(runOf(tab.id).query)) {
    void addToQuery(from, to)
    return
  }
  before.set(tab.id, [...(before.get(tab.id) ?? []), tab.timespan])
  takeRange(absoluteTimespan(from, to))
}

async function addToQuery(from: Date, to: Date): Promise<void> {
  const column = { column: 'TimeGenerated', type: 'datetime' } as const
  await editQuery({ ...column, op: 'after', value: from.toISOString() })
  await editQuery({ ...column, op: 'before', value: to.toISOString(), isImmediate: true })
}

/** Goes back to the range before the last brush. */
export function backToLastRange(): void {
  const tab = activeTab()
  const ranges = [...(before.get(tab.id) ?? [])]
  const last = ranges.pop()
  before.set(tab.id, ranges)
  if (last !== undefined) takeRange(last)
}

/** The range that a tab had before the last brush; null where nothing was brushed. */
export function rangeBefore(tabId: string): Timespan | null {
  return before.get(tabId)?.at(-1) ?? null
}

function takeRange(timespan: Timespan): void {
  const { id } = activeTab()
  useTabs.getState().change(id, { timespan })
  void runAgain(activeTab())
}
