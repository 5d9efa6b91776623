import { absoluteTimespan, type Timespan } from '@/lib/time'
import { activeTab, useTabs } from '../tabs/store'
import { runAgain } from './run'

/** Ranges that a tab had before a brush, the newest last. */
const before = new Map<string, Timespan[]>()

/** Takes the range that was brushed over the histogram or a chart, and runs. */
export function setTimespan(from: Date, to: Date): void {
  const tab = activeTab()
  before.set(tab.id, [...(before.get(tab.id) ?? []), tab.timespan])
  takeRange(absoluteTimespan(from, to))
}

/** Goes back to the range before the last brush. */
export function backToLastRange(): void {
  const tab = activeTab()
  const ranges = [...(before.get(tab.id) ?? [])]
  const last = ranges.pop()
  before.set(tab.id, ranges)
  if (last !== undefined) takeRange(last)
}

export function canGoBack(tabId: string): boolean {
  return (before.get(tabId) ?? []).length > 0
}

function takeRange(timespan: Timespan): void {
  const { id } = activeTab()
  useTabs.getState().change(id, { timespan })
  void runAgain(activeTab())
}
