/** Scopes as paths: what lies in what, and what to call them. */

const TABLE = /\/tables\/([^/]+)$/i
const WORKSPACE = /^(.*\/Microsoft\.OperationalInsights\/workspaces\/[^/]+)(?:\/|$)/i

/** `/a/b/c` is at or below `/a/b`; ids are compared without regard to case. */
export function isBelow(scope: string, above: string): boolean {
  const place = `${above.toLowerCase().replace(/\/$/, '')}/`
  return `${scope.toLowerCase().replace(/\/$/, '')}/`.startsWith(place)
}

/** The last name of a scope: `default`, `Syslog`; `/` is the tenant. */
export function placeName(scope: string): string {
  return scope.split('/').findLast((part) => part !== '') ?? '/'
}

/** The table that a scope is; empty for any other. */
export function tableOf(scope: string): string {
  return TABLE.exec(scope)?.[1] ?? ''
}

/** A scope without its table. */
export function placeOf(scope: string): string {
  return scope.replace(TABLE, '')
}

/** The workspace that a scope is or lies in; empty for what lies above workspaces. */
export function workspaceOf(scope: string): string {
  return WORKSPACE.exec(scope)?.[1] ?? ''
}

/** A table below a workspace, or the workspace where no table is named. */
export function withTable(place: string, table: string): string {
  return table === '' ? place : `${place}/tables/${table}`
}
