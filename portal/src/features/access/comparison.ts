/** What somebody may do now, and what they might do then. */

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { armPost } from '@/api/arm'
import { below, VERSION, type Grant } from './api'
import { sent } from './explanation'

export interface Reading {
  readonly allowed: boolean
  /** Only records for which any of these holds; empty for all. */
  readonly limits: readonly string[]
}

export interface Comparison {
  readonly scope: string
  readonly actions: readonly {
    readonly name: string
    readonly displayName: string
    readonly isDataAction: boolean
    readonly now: boolean
    readonly then: boolean
  }[]
  /** The workspace whose tables are compared; null where the scope lies in none. */
  readonly workspace: string | null
  readonly tables: readonly { readonly name: string; readonly now: Reading; readonly then: Reading }[]
  readonly tableCount: number
}

/** The difference that a grant would make at a scope. */
export function comparisonQuery(scope: string, grant: Grant | null) {
  return queryOptions({
    queryKey: ['access', 'comparison', scope, grant],
    queryFn: ({ signal }) => {
      const body = { principal: grant?.principalId, ...sent({ without: [], with: grant ? [grant] : [] }) }
      return armPost<Comparison>(below(scope, 'compareAccess'), VERSION, body, { signal })
    },
    enabled: grant !== null,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  })
}

/** Tables of which the same changes. */
export interface TableChange {
  readonly before: Reading
  readonly after: Reading
  readonly names: readonly string[]
}

export function groupTables(tables: Comparison['tables']): readonly TableChange[] {
  const groups = new Map<string, { before: Reading; after: Reading; names: string[] }>()
  for (const { name, now, then } of tables) {
    const key = JSON.stringify([now, then])
    const group = groups.get(key) ?? { before: now, after: then, names: [] }
    group.names.push(name)
    groups.set(key, group)
  }
  return [...groups.values()]
}
