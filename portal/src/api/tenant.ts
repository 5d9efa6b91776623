/**
 * The tenant that this page acts in, for as long as it is open. Pages beside each other share one session and act in
 * different tenants: each request names its own, and links, which have no headers, name it in the address.
 */

let acting = ''

/** The tenant's id; empty until the page has entered one: then requests act where the session began. */
export function actingTenant(): string {
  return acting
}

export function actIn(tenantId: string): void {
  acting = tenantId
}

/** A path of our server as an address that the browser opens by itself, or another thread. */
export function addressOf(path: string): string {
  if (acting === '') return path
  return `${path}${path.includes('?') ? '&' : '?'}inTenant=${encodeURIComponent(acting)}`
}
