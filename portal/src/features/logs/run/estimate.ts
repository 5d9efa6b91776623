import { queryOptions } from '@tanstack/react-query'
import { ask, type Schemas } from '@/api/ask'
import { currentEditor } from '../editor/handle'
import { statementAt } from './statement'

export type CostEstimate = Schemas['KqlEstimate']

const NOWHERE = { start: 0, end: 0 }
const NO_COST: CostEstimate = { rows: null, bytes: null, tables: [] }

export function estimateQuery(workspaces: readonly string[], query: string, timespan: string | null) {
  return queryOptions({
    queryKey: ['estimate', workspaces, query, timespan],
    queryFn: async ({ signal }) => {
      // The whole statement: what is selected need not be a query.
      const { start } = currentEditor()?.getSelection() ?? NOWHERE
      const statement = await statementAt(query, { start, end: start })
      if (!statement) return NO_COST
      const body = { workspaces, query: statement.query, timespan }
      return ask('POST /portal/api/kql/estimate', { body, signal })
    },
    staleTime: 60_000,
    retry: false,
    enabled: query.trim() !== '' && workspaces.length > 0,
  })
}
