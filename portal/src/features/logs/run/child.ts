import { ApiError, request } from '@/api/client'
import { openEvents } from '@/api/sse'
import { failureOf, resultPath, type DoneEvent, type RunColumn, type RunState } from './state'

export interface ChildResult {
  readonly columns: readonly RunColumn[]
  readonly rows: readonly (readonly unknown[])[]
}

export interface ChildRequest {
  readonly query: string
  readonly purpose: 'query' | 'histogram' | 'field'
  /** Another range than the parent's. */
  readonly timespan?: string | null
  readonly maximumRows?: number
}

/**
 * Runs a small query beside a run: it asks the same workspaces and ends when the run is cancelled. Raises `ApiError`,
 * and the signal's abort, which stops it in the engine too.
 */
export async function runChild(
  parent: RunState,
  child: ChildRequest,
  signal: AbortSignal,
): Promise<ChildResult> {
  const [first] = await runChildTables(parent, child, signal)
  return first ?? { columns: [], rows: [] }
}

/** The same for a query with several tables in its result. */
export async function runChildTables(
  parent: RunState,
  child: ChildRequest,
  signal: AbortSignal,
): Promise<ChildResult[]> {
  const id = await startChild(parent, child, signal)
  signal.addEventListener(
    'abort',
    () => void request('DELETE', `/portal/api/runs/${id}`).catch(() => undefined),
  )
  const tables: (readonly RunColumn[])[] = []
  let done: DoneEvent | null = null
  const handlers = {
    schema: (event: unknown) => {
      const { table, columns } = event as { table: number; columns: RunColumn[] }
      tables[table] = columns
    },
    done: (event: unknown) => {
      done = event as DoneEvent
    },
  }
  await openEvents(`/portal/api/runs/${id}/events`, handlers, signal)
  const ended = done as DoneEvent | null
  if (ended?.error) throw raised(ended.error)
  return Promise.all(
    tables.map(async (columns, table) => {
      const path = resultPath(id, table, 'json')
      const records = await request<Record<string, unknown>[]>('GET', path, { signal })
      return { columns, rows: records.map((record) => columns.map(({ name }) => record[name])) }
    }),
  )
}

async function startChild(parent: RunState, child: ChildRequest, signal: AbortSignal): Promise<string> {
  const timespan = child.timespan === undefined ? parent.timespan : child.timespan
  const { id } = await request<{ id: string }>('POST', '/portal/api/runs', {
    body: {
      workspaces: parent.workspaces,
      query: child.query,
      timespan: timespan ?? undefined,
      maximumRows: child.maximumRows ?? 10_000,
      parent: parent.id ?? undefined,
      purpose: child.purpose,
    },
    signal,
  })
  return id
}

function raised(document: NonNullable<DoneEvent['error']>): ApiError {
  const { code = 'Failed', message = '' } = document.error ?? document
  const { message: told } = failureOf(new ApiError(200, code, message))
  return new ApiError(200, code, told)
}
