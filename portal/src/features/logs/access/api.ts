import { queryOptions } from '@tanstack/react-query'
import { armList, type Resource } from '@/api/arm'
import { request } from '@/api/client'

export interface ReadableTable {
  readonly name: string
  /** Of its rows: all, some (a condition of a role limits them), or none. */
  readonly reads: 'all' | 'some' | 'none'
  /** The action that a role must permit. */
  readonly action: string
  readonly scope: string
}

export interface ReadableWorkspace {
  readonly name: string
  readonly scope: string
  readonly mayQuery: boolean
  readonly action: string
  readonly tables: readonly ReadableTable[]
}

export interface Reader {
  readonly id: string
  readonly name: string
  readonly workspaces: readonly ReadableWorkspace[]
}

/** What of a query's workspaces and tables people may read; of nobody in particular: the person who asks. */
export function readersQuery(workspaces: readonly string[], query: string, people: readonly string[] = []) {
  return queryOptions({
    queryKey: ['readers', workspaces, query, people],
    queryFn: async ({ signal }) => {
      const body = { workspaces, query, people }
      const { value } = await request<{ value: Reader[] }>('POST', '/portal/api/kql/readers', {
        body,
        signal,
      })
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
