import { useCallback } from 'react'
import { useParams, useRouter } from '@tanstack/react-router'
import { usePreferences } from '@/lib/preferences'
import { useUrlState } from '@/lib/url-state'
import { tenantPath, workspacePath } from '../scope'
import type { ScopeItem } from '../scopes'
import { useSession } from '../session'

/** Workspaces that one query may span. */
export const MAXIMUM_WORKSPACES = 100

/** Ways to another scope. The page stays the same where it is a workspace's; details of the old scope are left behind. */
export function useScopeChange() {
  const router = useRouter()
  const session = useSession()
  const params: { tenant?: string; workspace?: string } = useParams({ strict: false })
  const [, setText] = useUrlState('also')
  const change = usePreferences((preferences) => preferences.change)

  const remember = useCallback(
    (tenantId: string, workspaceId: string) => {
      const { workspaces } = usePreferences.getState()
      if (workspaces[tenantId] !== workspaceId)
        change({ workspaces: { ...workspaces, [tenantId]: workspaceId } })
    },
    [change],
  )
  const rememberHere = useCallback(
    (workspaceId: string) => remember(session.tenant.id, workspaceId),
    [remember, session.tenant.id],
  )

  function goToTenant(id: string) {
    const domain = session.tenants.find((one) => one.id === id)?.domain
    void router.navigate({ href: tenantPath(domain ?? id) })
  }

  /** Without a page of a workspace in view the page stays, unless one is named to begin with. */
  function goToWorkspace(item: ScopeItem, first?: string) {
    const workspaceId = item.workspaceId ?? ''
    // Who is a guest acts as one; what is delegated is reached as oneself.
    const isThere = item.relation === 'delegated' || item.tenantId === session.tenant.id
    const tenant = isThere
      ? (params.tenant ?? session.tenant.domain)
      : (session.tenants.find((one) => one.id === item.tenantId)?.domain ?? item.tenantId)
    remember(isThere ? session.tenant.id : item.tenantId, workspaceId)
    const [page] = router.state.location.pathname.split('/').slice(5)
    if (params.workspace !== undefined || first !== undefined)
      void router.navigate({ href: workspacePath(tenant, workspaceId, page ?? first ?? 'logs') })
    else if (!isThere) void router.navigate({ href: tenantPath(tenant) })
  }

  return {
    goToTenant,
    goToWorkspace,
    rememberHere,
    setAlso: (also: readonly string[]) => setText(also.join(',')),
  }
}
