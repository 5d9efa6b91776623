/** Requests to our own server: the session's cookie, the header that other sites can't send, and errors with a shape. */
import { actingTenant } from './tenant'

export interface ErrorDetail {
  readonly code: string
  readonly message: string
  readonly target?: string
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    /** HTTP status; 0 where no answer came. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: readonly ErrorDetail[] = [],
    readonly correlationId = '',
    readonly retryAfterSeconds: number | null = null,
    /** Of a refusal for want of a role: who, action and scope, as the page that explains it takes them. */
    readonly missingRight = '',
    /** The member of the document that it is about, where it has no details. */
    readonly target = '',
  ) {
    super(message)
  }
}

export interface RequestOptions {
  readonly body?: unknown
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
  /** Asked by the page itself, such as a poll: it doesn't keep the session from ending idle. */
  readonly isBackground?: boolean
  /** Goes on when the page is left meanwhile. */
  readonly isParting?: boolean
}

/** When the server last heard of this browser by something that the person did, by the browser's clock. */
let seenAt = Date.now()
/** Tabs share one session: what is done in one keeps it for all. */
const tabs = new BroadcastChannel('kelp.seen')
tabs.addEventListener('message', () => {
  seenAt = Date.now()
})
const TELL_MILLISECONDS = 5000

export function lastSeenAt(): number {
  return seenAt
}

export function noteSeen(at = Date.now()): void {
  if (at - seenAt > TELL_MILLISECONDS) tabs.postMessage('seen')
  seenAt = at
}

/** Who wants to know that nobody is signed in any more. */
let onSessionEnd: () => void = () => undefined

export function whenSessionEnds(listener: () => void): void {
  onSessionEnd = listener
}

/** The raw answer, if it is a success. Raises `ApiError` for everything else. */
export async function send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
  const headers: Record<string, string> = {
    'X-Kelp-Csrf': '1',
    Accept: 'application/json',
    ...(options.isBackground ? { 'X-Kelp-Background': '1' } : {}),
    ...(actingTenant() === '' ? {} : { 'X-Kelp-Tenant': actingTenant() }),
    ...options.headers,
  }
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' }
  if (options.body !== undefined) {
    headers['Content-Type'] = 'application/json'
    init.body = JSON.stringify(options.body)
  }
  if (options.signal) init.signal = options.signal
  if (options.isParting) init.keepalive = true
  const answer = await fetch(path + queryText(options.query), init).catch(unreachable)
  if (!options.isBackground) noteSeen()
  if (answer.ok) return answer
  const error = await readError(answer)
  if (isOfEndedSession(error, path)) onSessionEnd()
  throw error
}

/** A wrong password is no end of a session; one that began anew elsewhere has not entered this page's tenant. */
function isOfEndedSession({ status, code }: ApiError, path: string): boolean {
  return status === 401 && (code === 'TenantNotEntered' || !path.startsWith('/portal/api/session'))
}

/** What becomes of a request that has no answer: an abort stays one. */
export function unreachable(failure: unknown): never {
  if (failure instanceof DOMException && failure.name === 'AbortError') throw failure
  throw new ApiError(0, 'Unreachable', 'The server does not answer. Your text is kept; try again.')
}

/** The answer's JSON document; `undefined` where it has no body. */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const answer = await send(method, path, options)
  const text = await answer.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

export async function readError(answer: Response): Promise<ApiError> {
  const retry = Number(answer.headers.get('Retry-After') ?? 'NaN')
  const document = (await answer.json().catch(() => ({}))) as { error?: Partial<ErrorDocument> }
  const error = document.error ?? {}
  return new ApiError(
    answer.status,
    error.code ?? `Http${answer.status}`,
    innermost(error) || `The server answered ${answer.status}.`,
    error.details ?? [],
    error.correlationId ?? answer.headers.get('x-ms-correlation-request-id') ?? '',
    Number.isFinite(retry) ? retry : null,
    answer.headers.get('X-Kelp-Missing-Right') ?? '',
    error.target ?? '',
  )
}

interface ErrorDocument {
  code: string
  message: string
  details: ErrorDetail[]
  target: string
  correlationId: string
  innererror: { message?: string; innererror?: { message?: string } }
}

/** The message nearest to the cause: query errors wrap it. */
function innermost(error: Partial<ErrorDocument>): string {
  return error.innererror?.innererror?.message ?? error.innererror?.message ?? error.message ?? ''
}

function queryText(query: RequestOptions['query']): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
  if (pairs.length === 0) return ''
  return `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()}`
}
