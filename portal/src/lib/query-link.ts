/**
 * A query in an address: `#q=` and the query with its range, deflated, in base64url. It stands in the fragment, so that
 * the text of a query reaches no log and no `Referer`.
 */

import type { Timespan } from './time'

export interface LinkedQuery {
  readonly query: string
  readonly timespan?: Timespan | undefined
  /** Workspaces beside the one of the path. */
  readonly also?: readonly string[] | undefined
  /** Run it as soon as it is shown. */
  readonly run?: boolean | undefined
}

/** Longer ones are kept on the server and get an address there (`/s/{id}`). */
export const LONGEST_IN_ADDRESS = 2_000

export async function writeQueryHash(linked: LinkedQuery): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(linked))
  const packed = await pump(bytes, new CompressionStream('deflate-raw'))
  const text = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(''))
  return `#q=${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

/** The query of an address; null where its fragment holds none that can be read. */
export async function readQueryHash(hash: string): Promise<LinkedQuery | null> {
  const packed = new URLSearchParams(hash.replace(/^#/, '')).get('q')
  if (!packed) return null
  try {
    const text = atob(packed.replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = Uint8Array.from(text, (sign) => sign.charCodeAt(0))
    const unpacked = await pump(bytes, new DecompressionStream('deflate-raw'))
    const linked = JSON.parse(new TextDecoder().decode(unpacked)) as Partial<LinkedQuery> | null
    return typeof linked?.query === 'string' ? (linked as LinkedQuery) : null
  } catch {
    return null
  }
}

async function pump(
  bytes: Uint8Array<ArrayBuffer>,
  through: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(through)
  return new Uint8Array(await new Response(stream).arrayBuffer())
}
