import { useQuery } from '@tanstack/react-query'
import { currentEditor } from '../editor/handle'
import type { RunState } from '../run/state'
import { sentTimespan, statementAt } from '../run/statement'
import { workspacesOf } from '../tabs/store'
import type { Tab } from '../tabs/tab'

/** What is explained: what was run last; before the first run the statement at the cursor. Null while it is looked for. */
export type Explained = Pick<RunState, 'query' | 'parts' | 'workspaces' | 'timespan'>

export function useExplained(tab: Tab, run: RunState): Explained | null {
  const isRun = run.query !== ''
  const statement = useQuery({
    queryKey: ['statement', tab.id, tab.text],
    queryFn: () => {
      const { start } = currentEditor()?.getSelection() ?? { start: 0 }
      return statementAt(tab.text, { start, end: start })
    },
    enabled: !isRun && tab.text.trim() !== '',
    retry: false,
  })
  if (isRun) return run
  if (!statement.data) return null
  const { query, parts } = statement.data
  return { query, parts, workspaces: workspacesOf(tab), timespan: sentTimespan(tab.timespan, query) }
}
