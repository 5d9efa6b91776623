import { ApiError } from '@/api/client'
import { addressOf } from '@/api/tenant'
import type { Result } from '@/workers/result'
import type { Finding } from '../editor/check'
import type { Span } from '../editor/spans'

export type RunStatus = 'idle' | 'starting' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

export interface RunColumn {
  readonly name: string
  /** KQL's name of the type. */
  readonly type: string
}

export interface RunTable {
  readonly name: string
  readonly columns: readonly RunColumn[]
  /** Rows that the result route can give now. */
  readonly rowCount: number
}

/** What is used so far; null for what the engine has not measured. */
export interface Progress {
  readonly rowsRead: number | null
  readonly rowsTotal: number | null
  readonly bytesRead: number | null
  readonly cpuSeconds: number | null
  readonly peakMemoryBytes: number | null
  readonly elapsedSeconds: number
}

export interface Statistics {
  readonly elapsedSeconds: number
  readonly rowsRead: number
  readonly bytesRead: number
  readonly resultRows: number
  readonly resultBytes: number
  readonly cpuSeconds: number | null
  readonly peakMemoryBytes: number | null
}

export interface Warning {
  readonly severity: string
  readonly code: string
  readonly message: string
}

export interface RunError {
  readonly code: string
  readonly message: string
  readonly correlationId: string
  /** Of a refusal for want of a role: what the page that explains it takes. */
  readonly missingRight?: string
  readonly status: number
  readonly retryAfterSeconds: number | null
  /** Where the text does not compile, in offsets of the editor's text. */
  readonly findings: readonly Finding[]
}

export interface RunState {
  readonly id: string | null
  readonly status: RunStatus
  readonly query: string
  /** Where each part of the query stood in the editor's text. */
  readonly parts: readonly Part[]
  readonly workspaces: readonly string[]
  readonly timespan: string | null
  readonly maximumRows: number
  readonly startedAt: Date | null
  /** One for each statement that gives rows. */
  readonly tables: readonly RunTable[]
  /** The one that is shown, and its rows. */
  readonly shown: number
  readonly result: Result | null
  readonly isTruncated: boolean
  readonly limit: { readonly kind: string; readonly code: string } | null
  readonly progress: Progress | null
  readonly queuePosition: number | null
  readonly statistics: Statistics | null
  readonly render: Readonly<Record<string, unknown>> | null
  readonly error: RunError | null
  readonly warnings: readonly Warning[]
  readonly isBackground: boolean
}

export const NO_RUN: RunState = {
  id: null,
  status: 'idle',
  query: '',
  parts: [],
  workspaces: [],
  timespan: null,
  maximumRows: 0,
  startedAt: null,
  tables: [],
  shown: 0,
  result: null,
  isTruncated: false,
  limit: null,
  progress: null,
  queuePosition: null,
  statistics: null,
  render: null,
  error: null,
  warnings: [],
  isBackground: false,
}

export function isUnderWay({ status }: RunState): boolean {
  return status === 'starting' || status === 'queued' || status === 'running'
}

export function resultPath(id: string, table: number, format: string): string {
  return addressOf(`/portal/api/runs/${id}/result?format=${format}&table=${table}`)
}

/** The end of a run as the event stream tells it. */
export interface DoneEvent {
  readonly rowCount: number
  readonly isTruncated: boolean
  readonly limit?: { readonly kind: string; readonly code: string }
  readonly statistics: Statistics
  readonly render: Readonly<Record<string, unknown>> | null
  readonly error: ErrorDocument | null
  readonly warnings: readonly Warning[]
}

export interface ErrorDocument {
  readonly error?: ErrorDocument
  readonly code?: string
  readonly message?: string
  readonly correlationId?: string
  readonly retryAfterSeconds?: number
  readonly innererror?: ErrorDocument
  readonly diagnostics?: readonly Finding[]
}

/** The state after the end; `place` is where in the editor's text the query lies. */
export function endOf(done: DoneEvent, place: Placement): Partial<RunState> {
  const error = done.error ? errorOf(done.error, place) : null
  const status = error === null ? 'done' : error.code === 'QueryCancelled' ? 'cancelled' : 'failed'
  return {
    status,
    error: status === 'failed' ? error : null,
    statistics: done.statistics,
    render: done.render,
    isTruncated: done.isTruncated,
    limit: done.limit ?? null,
    warnings: done.warnings,
    queuePosition: null,
  }
}

function errorOf(document: ErrorDocument, place: Placement): RunError {
  const error = document.error ?? document
  const findings = error.diagnostics ?? document.diagnostics ?? []
  return {
    code: error.code ?? 'Failed',
    message: innermost(error),
    correlationId: error.correlationId ?? '',
    status: 200,
    retryAfterSeconds: error.retryAfterSeconds ?? null,
    findings: findings.map((finding) => moveFinding(finding, place)),
  }
}

function innermost(error: ErrorDocument): string {
  return (error.innererror && innermost(error.innererror)) || (error.message ?? '')
}

export function failureOf(failure: unknown): RunError {
  const known = failure instanceof ApiError ? failure : new ApiError(0, 'Failed', String(failure))
  const { code, message, correlationId, status, retryAfterSeconds, missingRight } = known
  return { code, message, correlationId, status, retryAfterSeconds, missingRight, findings: [] }
}

/** A query that was taken from the editor's text: the statement, and where each part of what is sent lies there. */
export interface Placement {
  readonly span: Span
  readonly parts: readonly Part[]
}

/** A part of the editor's text, and where it begins in what is sent. */
export interface Part extends Span {
  readonly textStart: number
}

/** What is found in the sent text, at its place in the editor's. */
export function moveFinding(finding: Finding, { parts }: Placement): Finding {
  const part = parts.findLast(({ textStart }) => textStart <= finding.start) ?? parts[0]
  if (!part) return finding
  const move = (offset: number) =>
    Math.min(Math.max(part.start, offset - part.textStart + part.start), part.end)
  const { fix, ...rest } = finding
  const moved = { ...rest, start: move(finding.start), end: move(finding.end) }
  if (!fix || fix.start < part.textStart) return moved
  return { ...moved, fix: { ...fix, start: move(fix.start), end: move(fix.end) } }
}
