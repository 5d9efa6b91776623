import { queryOptions } from '@tanstack/react-query'
import { armList, type Resource } from '@/api/arm'
import { ask, type Schemas } from '@/api/ask'

export type Reader = Schemas['KqlReaders']['value'][number]

export type ReadableWorkspace = Reader['workspaces'][number]

/** Of its rows one reads all, some (a condition of a role limits them), or none; `action` is what a role must permit. */
export type ReadableTable = ReadableWorkspace['tables'][number]

/** What of a query's workspaces and tables people may read; of nobody in particular: the person who asks. */
export function readersQuery(workspaces: readonly string[], query: string, people: readonly string[] = []) {
  return queryOptions({
    queryKey: ['readers', workspaces, query, people],
    queryFn: async ({ signal }) => {
      const body = { workspaces, query, people }
      const { value } = await ask('POST /portal/api/kql/readers', { body, signal })
      return value
    },
    retry: false,
    staleTime: 30_000,
  })
}

const VERSION = '2022-04-01'
/** The built-in role Owner. */
const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'

type Assignment = Resource<{ readonly roleDefinitionId: string; readonly principalId: string }>

/** The ids of those who own a scope; fails for who may not see the roles there. */
export function ownersQuery(scope: string) {
  return queryOptions({
    queryKey: ['owners', scope],
    queryFn: async ({ signal }) => {
      const path = `${scope}/providers/Microsoft.Authorization/roleAssignments`
      const assignments = await armList<Assignment>(path, VERSION, signal)
      return assignments
        .filter(({ properties }) => properties.roleDefinitionId.toLowerCase().endsWith(OWNER))
        .map(({ properties }) => properties.principalId)
    },
    retry: false,
    staleTime: 60_000,
  })
}
