import { request } from './client'

/**
 * The records of every table, with its name in `Table_`; none, and no error, in a workspace that has no table yet:
 * Heartbeat can be asked everywhere.
 */
export const EVERY_TABLE = 'union isfuzzy=true withsource=Table_ (Heartbeat | where false), *'

export type Row = Readonly<Record<string, unknown>>

interface Answer {
  readonly tables: readonly {
    readonly columns: readonly { readonly name: string }[]
    readonly rows: readonly (readonly unknown[])[]
  }[]
}

interface Options {
  /** As the query API takes it: `P7D`. */
  readonly timespan: string
  readonly signal?: AbortSignal | undefined
  /** Asked by the page itself: it doesn't keep the session from ending idle. */
  readonly isBackground?: boolean
}

/** The rows of a short query that a page asks for itself, by the names of their columns. */
export async function queryRows(
  workspaceId: string,
  query: string,
  options: Options,
): Promise<readonly Row[]> {
  const { timespan, signal, isBackground = false } = options
  const path = `/v1/workspaces/${workspaceId}/query`
  const { tables } = await request<Answer>('POST', path, { body: { query, timespan }, signal, isBackground })
  const [table] = tables
  return (table?.rows ?? []).map((row) =>
    Object.fromEntries(table!.columns.map(({ name }, index) => [name, row[index]])),
  )
}
