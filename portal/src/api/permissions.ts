import { queryOptions } from '@tanstack/react-query'
import { armList } from './arm'

/** What a role permits; in actions `*` stands for any text. */
export interface Permission {
  readonly actions: readonly string[]
  readonly notActions: readonly string[]
  readonly dataActions: readonly string[]
  readonly notDataActions: readonly string[]
}

/** What the signed-in person may do at a scope, by all roles that they hold there. */
export function permissionsQuery(scope: string) {
  return queryOptions({
    queryKey: ['permissions', scope],
    queryFn: ({ signal }) =>
      armList<Permission>(`${scope}/providers/Microsoft.Authorization/permissions`, '2022-04-01', signal),
    enabled: scope !== '',
    staleTime: 60_000,
  })
}

/** Whether one of the roles permits an action. The server decides anew, by more than this. */
export function permits(permissions: readonly Permission[], action: string): boolean {
  return permissions.some(
    ({ actions, notActions }) =>
      actions.some((one) => matches(one, action)) && !notActions.some((one) => matches(one, action)),
  )
}

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action)
}
