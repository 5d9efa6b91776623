/** Who access is given to: people, guests, groups and applications of the directory. */

import { queryOptions } from '@tanstack/react-query'
import { odataText } from '@/lib/odata'
import { request } from './client'

interface GraphObject {
  readonly '@odata.type'?: string
  readonly id: string
  readonly displayName: string
  readonly userPrincipalName?: string
  readonly mail?: string
  readonly userType?: 'Member' | 'Guest'
}

export type PrincipalKind = 'user' | 'guest' | 'group' | 'application'

export interface Principal {
  readonly id: string
  readonly name: string
  readonly kind: PrincipalKind
  /** What people sign in with, and where guests are invited. */
  readonly signInName: string
}

const LISTS = {
  users: ['displayName', 'userPrincipalName', 'mail'],
  groups: ['displayName'],
  servicePrincipals: ['displayName'],
} as const
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function isGuid(text: string): boolean {
  return GUID.test(text)
}

/** Everybody whose name, sign-in name or address begins with a text. */
export function principalsQuery(text: string) {
  return queryOptions({
    queryKey: ['principals', text],
    queryFn: async ({ signal }) => {
      const value = odataText(text)
      const lists = await Promise.all(
        Object.entries(LISTS).map(async ([list, members]) => {
          const filter = members.map((member) => `startswith(${member},${value})`).join(' or ')
          const query = text === '' ? { $top: 20 } : { $top: 20, $filter: filter }
          const answer = await request<{ value: GraphObject[] }>('GET', `/v1.0/${list}`, { query, signal })
          return answer.value.map((one) => known(one, list))
        }),
      )
      return lists.flat()
    },
    staleTime: 30_000,
  })
}

/** Principals by id; those of other tenants are missing. */
export function namesQuery(ids: readonly string[]) {
  const wanted = [...new Set(ids)].toSorted()
  return queryOptions({
    queryKey: ['principals', 'names', wanted],
    queryFn: async ({ signal }) => {
      const body = { ids: wanted, types: [] }
      const path = '/v1.0/directoryObjects/getByIds'
      const { value } = await request<{ value: GraphObject[] }>('POST', path, { body, signal })
      return new Map(value.map((one) => [one.id, known(one, one['@odata.type'] ?? '')]))
    },
    enabled: wanted.length > 0,
    staleTime: 60_000,
  })
}

/** Everybody in a group, also through groups in it. */
export function membersQuery(group: string) {
  return queryOptions({
    queryKey: ['principals', 'members', group],
    queryFn: async ({ signal }) => {
      const path = `/v1.0/groups/${group}/transitiveMembers`
      const { value } = await request<{ value: GraphObject[] }>('GET', path, { signal })
      return value.map((one) => known(one, one['@odata.type'] ?? ''))
    },
    staleTime: 60_000,
  })
}

function known(one: GraphObject, list: string): Principal {
  const kind = list.includes('roup')
    ? 'group'
    : list.includes('servicePrincipal')
      ? 'application'
      : one.userType === 'Guest'
        ? 'guest'
        : 'user'
  return { id: one.id, name: one.displayName, kind, signInName: one.mail ?? one.userPrincipalName ?? '' }
}
