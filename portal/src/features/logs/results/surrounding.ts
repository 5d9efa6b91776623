import type { RunState } from '../run/state'
import { queryName } from '../schema/search'
import { useTabs } from '../tabs/store'

export interface Around {
  readonly datetimeColumn: string
  readonly from: string | Date
  readonly to: string | Date
  readonly by: { readonly column: string; readonly value: string } | null
}

/** Opens the records around a row in a tab of their own: the same tables, the same machine, a few minutes. */
export function openSurrounding(run: RunState, { datetimeColumn, from, to, by }: Around): void {
  const { tabs, active, add } = useTabs.getState()
  const tab = tabs.find((one) => one.id === active)
  const source = run.query.split(/\n?\s*\|/)[0]!.trim()
  const time = queryName(datetimeColumn)
  const iso = (at: string | Date) => (typeof at === 'string' ? at : at.toISOString())
  const lines = [
    source,
    `| where ${time} between (datetime(${iso(from)}) .. datetime(${iso(to)}))`,
    ...(by ? [`| where ${queryName(by.column)} == ${JSON.stringify(by.value)}`] : []),
    `| sort by ${time} asc`,
  ]
  add({ text: lines.join('\n'), also: tab?.also ?? [] })
}
