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
export function permits(permissions: readonly Permission[], action: string, isDataAction = false): boolean {
  return permissions.some(({ actions, notActions, dataActions, notDataActions }) => {
    const [granted, excluded] = isDataAction ? [dataActions, notDataActions] : [actions, notActions]
    return granted.some((one) => matches(one, action)) && !excluded.some((one) => matches(one, action))
  })
}

/** `*` stands for any characters, case does not matter. */
export function matches(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join('.*')}$`, 'is').test(action)
}
