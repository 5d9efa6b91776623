import type { Surrounding } from '../details/surrounding'
import type { RunState } from '../run/state'
import { queryName } from '../schema/search'
import { useTabs } from '../tabs/store'

/** Opens the records around a row in a tab of their own: the same tables, the same machine, a few minutes. */
export function openSurrounding(run: RunState, { column, from, to, by }: Surrounding): void {
  const { tabs, active, add } = useTabs.getState()
  const tab = tabs.find((one) => one.id === active)
  const source = run.query.split(/\n?\s*\|/)[0]!.trim()
  const time = queryName(column)
  const lines = [
    source,
    `| where ${time} between (datetime(${from}) .. datetime(${to}))`,
    ...(by ? [`| where ${queryName(by.column)} == ${JSON.stringify(by.value)}`] : []),
    `| sort by ${time} asc`,
  ]
  add({ text: lines.join('\n'), also: tab?.also ?? [] })
}
