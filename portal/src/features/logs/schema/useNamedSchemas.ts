import { useQueries, useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useMemo } from 'react'
import { workspacesQuery } from '@/app/scopes'
import { useSettled } from '@/lib/use-settled'
import type { NamedSchema } from '../editor/engine-schema'
import { metadataQuery, type Metadata } from './metadata'
import { namedIn } from './named'

/**
 * The workspaces that a text names, with their schemas once these are there, and as soon as it names any, the names of
 * all that the person reaches.
 */
export function useNamedSchemas(text: string): readonly NamedSchema[] {
  const settled = useSettled(text)
  const names = namedIn(settled)
  const { data: reached } = useQuery({ ...workspacesQuery, enabled: /\bworkspace\b/.test(settled) })
  const schemas = useQueries({
    // What can't be asked is no concern of the one who writes: the parser will say it.
    queries: names.map((name) => ({ ...metadataQuery([name]), retry: false })),
    combine: dataOf,
  })
  const key = names.join('\n')
  return useMemo(() => {
    const listed = key === '' ? [] : key.split('\n')
    const known = listed.map((name, index) => ({ name, metadata: schemas[index] ?? null }))
    const others = (reached ?? []).filter(({ name }) => !listed.includes(name))
    return [...known, ...others.map(({ name }) => ({ name, metadata: null }))]
  }, [key, schemas, reached])
}

function dataOf(results: readonly UseQueryResult<Metadata>[]): readonly (Metadata | undefined)[] {
  return results.map(({ data }) => data)
}
