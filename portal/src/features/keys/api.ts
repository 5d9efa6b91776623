import { queryOptions } from '@tanstack/react-query'
import { armGet, armPost, type Resource } from '@/api/arm'
import { WORKSPACE_VERSION } from '@/api/workspaces'
import { t } from '@/i18n/en/keys'

export interface SharedKeys {
  readonly primarySharedKey: string
  readonly secondarySharedKey: string
}

export type Slot = 'primary' | 'secondary'

/** Requests from one address that one key signed. */
export interface KeyUse {
  readonly key: Slot
  readonly address: string
  readonly firstAt: string
  readonly lastAt: string
  readonly requests: number
}

export interface KeyStatus {
  readonly accessKeys: readonly { readonly key: Slot; readonly createdAt: string }[]
  /** Absent where the server does not keep its keys itself. */
  readonly dataKey?: {
    readonly version: string
    readonly createdAt: string
    readonly dueAt: string
    /** Why it can't be used just now. */
    readonly sealedOff?: string
  }
  /** Of the last day, the newest first. */
  readonly uses: readonly KeyUse[]
  /** Since when the server looks: it forgets when it stops. */
  readonly usesSince: string
}

/** How the keys of a workspace stand; it shows none. */
export function keyStatusQuery(workspace: string) {
  return queryOptions({
    queryKey: ['keys', workspace],
    queryFn: ({ signal }) => armGet<KeyStatus>(`${workspace}/keyStatus`, WORKSPACE_VERSION, signal),
    enabled: workspace !== '',
  })
}

const DAY_MILLISECONDS = 86_400_000

/** How far back what is told of uses reaches: the server remembers a day, and nothing of before it started. */
export function periodOf({ usesSince }: KeyStatus): string {
  return Date.now() - Date.parse(usesSince) > DAY_MILLISECONDS ? t.lastDay : t.sinceStart
}

type Cluster = Resource<{
  readonly keyVaultProperties?: { readonly keyVaultUri?: string; readonly keyName?: string }
}>

/** The cluster that the workspace is linked to. */
export function clusterQuery(id: string | undefined) {
  return queryOptions({
    queryKey: ['clusters', 'one', id],
    queryFn: ({ signal }) => armGet<Cluster>(id ?? '', WORKSPACE_VERSION, signal),
    enabled: id !== undefined,
  })
}

/** Both keys; the activity log notes that somebody saw them. */
export function showKeys(workspace: string): Promise<SharedKeys> {
  return armPost<SharedKeys>(`${workspace}/sharedKeys`, WORKSPACE_VERSION)
}

export function regenerateKey(workspace: string, slot: Slot): Promise<SharedKeys> {
  const keyType = slot === 'primary' ? 'PrimarySharedKey' : 'SecondarySharedKey'
  return armPost<SharedKeys>(`${workspace}/regenerateSharedKey`, WORKSPACE_VERSION, { keyType })
}
