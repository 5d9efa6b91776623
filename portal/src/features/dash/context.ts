/** What each item of a dashboard needs from it. */

import { createContext, use } from 'react'
import type { Dashboard } from './document'
import type { Values } from './parameters'
import type { SetValues } from './use-values'

export interface DashboardContext {
  readonly dashboard: Dashboard
  readonly values: Values
  readonly setValues: SetValues
  /** The values that parameters can have, as far as they are known. */
  readonly known: Values
  readonly setKnown: (name: string, values: readonly string[]) => void
  /** The workspaces that `$default` stands for. */
  readonly workspaces: readonly string[]
  readonly tenant: string
  /** How long answers are taken for fresh, in milliseconds; endless without a refresh. */
  readonly fresh: number
  /** Whether all items are asked, also those that are not on the screen: a picture of all is made. */
  readonly isWhole: boolean
}

export const Context = createContext<DashboardContext | null>(null)

export function useDashboard(): DashboardContext {
  const context = use(Context)
  if (!context) throw new Error('An item was shown outside of a dashboard.')
  return context
}

/** The workspaces of an item, with the default put in. */
export function workspacesOf(
  item: { readonly scope?: { readonly workspaces: readonly string[] } },
  { dashboard, workspaces }: DashboardContext,
): string[] {
  const named = (item.scope ?? dashboard.scope).workspaces
  return [...new Set(named.flatMap((name) => (name === '$default' ? workspaces : [name])))]
}
