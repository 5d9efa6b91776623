/** Reads a result: an Arrow stream, batch by batch as it comes, or cells at hand. */
import { RecordBatchReader, type Field } from 'apache-arrow'
import { send } from '@/api/client'
import type { ColumnType, ResultColumn, ResultSource } from './protocol'
import { Table } from './table'

const TYPES: ReadonlySet<string> = new Set([
  'string',
  'long',
  'int',
  'real',
  'decimal',
  'bool',
  'datetime',
  'timespan',
  'guid',
  'dynamic',
])

/** Milliseconds after which the worker looks whether the page asks something. */
const TURN = 12

/**
 * Fills a table and calls `onRows` after each piece, at once when there is a schema. Raises `ApiError` where the server
 * refuses or breaks off; the rows until then stay.
 */
export async function readResult(
  source: ResultSource,
  signal: AbortSignal,
  onTable: (table: Table) => void,
  onRows: () => void,
): Promise<void> {
  if ('rows' in source) return readRows(source.columns, source.rows, onTable)
  const headers = { Accept: 'application/vnd.apache.arrow.stream' }
  const answer = await send('GET', source.url, { headers, signal })
  const reader = await RecordBatchReader.from(answer)
  await reader.open()
  const table = new Table(reader.schema.fields.map(columnOf))
  onTable(table)
  let turn = performance.now()
  for await (const batch of reader) {
    for (const [index, column] of table.columns.entries()) column.append(batch.data.children[index]!)
    onRows()
    if (performance.now() - turn < TURN) continue
    await new Promise((resolve) => setTimeout(resolve))
    turn = performance.now()
  }
}

function columnOf(field: Field): ResultColumn {
  const told = field.metadata.get('kelp.type') ?? ''
  return { name: field.name, type: TYPES.has(told) ? (told as ColumnType) : 'string' }
}

function readRows(
  schema: readonly ResultColumn[],
  rows: readonly (readonly unknown[])[],
  onTable: (table: Table) => void,
): void {
  const table = new Table(schema)
  for (const [index, column] of table.columns.entries()) column.appendAll(rows.map((row) => row[index]))
  onTable(table)
}
