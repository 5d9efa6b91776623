/** Where one is: the tenant and the workspaces of the address, and the way to other pages there. */

import { useParams } from '@tanstack/react-router'
import { usePreferences } from '@/lib/preferences'
import { useUrlState } from '@/lib/url-state'
import { useSession } from './session'

export interface Scope {
  /** As the address names it: a domain or an id. */
  readonly tenant: string
  /** The workspace of the address, else the last one used here, else the first that may be queried; null without any. */
  readonly workspace: string | null
  /** The workspace and those ticked beside it (`?also=`). */
  readonly workspaces: readonly string[]
}

export function useScope(): Scope {
  const session = useSession()
  const params: { tenant?: string; workspace?: string } = useParams({ strict: false })
  const tenant = params.tenant ?? session.tenant.domain
  const last = usePreferences((preferences) => preferences.workspaces[session.tenant.id])
  const workspace = params.workspace ?? last ?? session.defaultWorkspace
  const [also] = useUrlState('also')
  const more = also === '' ? [] : also.split(',')
  return { tenant, workspace, workspaces: workspace === null ? more : [workspace, ...more] }
}

/** `tenantPath('contoso.com', 'usage')` is `/t/contoso.com/usage`. */
export function tenantPath(tenant: string, ...parts: string[]): string {
  return ['/t', ...[tenant, ...parts].map(encodeURIComponent)].join('/')
}

export function workspacePath(tenant: string, workspace: string, ...parts: string[]): string {
  return tenantPath(tenant, 'w', workspace, ...parts)
}
