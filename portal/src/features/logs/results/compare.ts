import type { RunState } from '../run/state'
import { useTabs } from '../tabs/store'
import { allMatches } from './matches'

/** Opens a query that tells what the picked time has more of than the rest of the range: KQL that one can keep. */
export function runCompare(run: RunState, { from, to }: { readonly from: Date; readonly to: Date }): void {
  const { add, tabs, active } = useTabs.getState()
  const tab = tabs.find((one) => one.id === active)
  const body = allMatches(run.query).replace(/;\s*$/, '')
  const text = [
    body,
    `| extend Picked = iff(TimeGenerated between (datetime(${from.toISOString()}) .. datetime(${to.toISOString()})), 'picked', 'rest')`,
    '| project-away TimeGenerated',
    "| evaluate diffpatterns(Picked, 'picked', 'rest')",
  ].join('\n')
  add({ text, ...(tab ? { timespan: tab.timespan, also: tab.also } : {}) })
}
