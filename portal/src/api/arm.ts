import { ApiError, request, send, type RequestOptions } from './client'

/** A resource as Azure Resource Manager's contract shows it. */
export interface Resource<P = Record<string, unknown>> {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly location?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly etag?: string
  readonly properties: P
}

export interface ListPage<T> {
  readonly value: readonly T[]
  readonly nextLink?: string
}

type Query = NonNullable<RequestOptions['query']>

export interface WriteOptions {
  /** The version that the change was made from; a newer one on the server refuses it (412). */
  readonly etag?: string | undefined
  /** Only where there is none of that name yet (else 412). */
  readonly isNew?: boolean
  readonly signal?: AbortSignal | undefined
  /** Told of a long operation's state each time it is asked. */
  readonly onProgress?: (status: string) => void
}

/** Seconds between two looks at a long operation where the server names none. */
const POLL_SECONDS = 1

export function armGet<T = Resource>(path: string, version: string, signal?: AbortSignal): Promise<T> {
  return request<T>('GET', path, { query: { 'api-version': version }, signal })
}

/** One page of a list: the first by its path, the others by the `nextLink` of the page before. */
export function armPage<T = Resource>(
  link: string,
  query: Query,
  signal?: AbortSignal,
): Promise<ListPage<T>> {
  // A link is absolute: only its path and query are taken, so that no answer can lead the page elsewhere.
  const { pathname, search } = new URL(link, window.location.origin)
  return request<ListPage<T>>('GET', pathname + search, { signal, ...(search === '' ? { query } : {}) })
}

/** All pages of a list. */
export async function armList<T = Resource>(
  path: string,
  version: string,
  signal?: AbortSignal,
): Promise<T[]> {
  const found: T[] = []
  let link: string | undefined = path
  while (link) {
    // oxlint-disable-next-line no-await-in-loop -- each page names the next
    const page: ListPage<T> = await armPage<T>(link, { 'api-version': version }, signal)
    found.push(...page.value)
    link = page.nextLink
  }
  return found
}

export function armPut<T = Resource>(
  path: string,
  version: string,
  body: unknown,
  options?: WriteOptions,
): Promise<T> {
  return write<T>('PUT', path, version, body, options)
}

export function armPatch<T = Resource>(
  path: string,
  version: string,
  body: unknown,
  options?: WriteOptions,
): Promise<T> {
  return write<T>('PATCH', path, version, body, options)
}

export function armPost<T>(
  path: string,
  version: string,
  body?: unknown,
  options?: WriteOptions,
): Promise<T> {
  return write<T>('POST', path, version, body, options)
}

export function armDelete(path: string, version: string, options?: WriteOptions): Promise<void> {
  return write<void>('DELETE', path, version, undefined, options)
}

async function write<T>(
  method: string,
  path: string,
  version: string,
  body: unknown,
  options: WriteOptions = {},
): Promise<T> {
  const sent: RequestOptions = {
    query: { 'api-version': version },
    headers: {
      ...(options.etag ? { 'If-Match': options.etag } : {}),
      ...(options.isNew ? { 'If-None-Match': '*' } : {}),
    },
    signal: options.signal,
    ...(body === undefined ? {} : { body }),
  }
  const answer = await send(method, path, sent)
  const text = await answer.text()
  const operation = answer.headers.get('Azure-AsyncOperation') ?? answer.headers.get('Location')
  if (operation && (answer.status === 201 || answer.status === 202)) {
    await waitForOperation(operation, options)
    if (method === 'PUT' || method === 'PATCH') return armGet<T>(path, version, options.signal)
  }
  return (text === '' ? undefined : JSON.parse(text)) as T
}

interface OperationState {
  readonly status?: string
  readonly error?: { code: string; message: string }
}

/** Waits for a long operation to end. Raises `ApiError` where it failed or was cancelled. */
export async function waitForOperation(link: string, options: WriteOptions = {}): Promise<void> {
  const { pathname, search } = new URL(link, window.location.origin)
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- polling is one question after another
    const answer = await send('GET', pathname + search, { signal: options.signal })
    // oxlint-disable-next-line no-await-in-loop
    const text = await answer.text()
    const state = (text === '' ? {} : JSON.parse(text)) as OperationState
    const status = state.status ?? (answer.status === 202 ? 'InProgress' : 'Succeeded')
    options.onProgress?.(status)
    if (status === 'Succeeded') return
    if (status === 'Failed' || status === 'Canceled') {
      throw new ApiError(
        409,
        state.error?.code ?? status,
        state.error?.message ?? `The operation ended: ${status}.`,
      )
    }
    const seconds = Number(answer.headers.get('Retry-After') ?? POLL_SECONDS)
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, 5) * 1000))
  }
}
