import { queryOptions } from '@tanstack/react-query'
import { request } from './client'

export interface Principal {
  readonly id: string
  readonly displayName: string
  readonly userPrincipalName?: string
}

/** People, groups and applications of one's own directory whose name begins with a text. */
export function principalsQuery(text: string) {
  return queryOptions({
    queryKey: ['principals', text],
    queryFn: async ({ signal }) => {
      const start = `startswith(displayName,'${text.replaceAll("'", "''")}')`
      const query = text === '' ? { $top: 20 } : { $top: 20, $filter: start }
      const lists = await Promise.all(
        ['users', 'groups', 'servicePrincipals'].map((kind) =>
          request<{ value: Principal[] }>('GET', `/v1.0/${kind}`, { query, signal }),
        ),
      )
      return lists.flatMap((list) => list.value)
    },
    staleTime: 30_000,
  })
}
