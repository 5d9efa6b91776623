import type { Metadata, MetadataColumn, MetadataFunction, MetadataTable } from './metadata'

export interface FoundTable {
  readonly table: MetadataTable
  /** Its columns, or those that match where only columns do. */
  readonly columns: readonly MetadataColumn[]
  /** A column matched, so they are worth showing. */
  readonly isOpened: boolean
}

export interface FoundSchema {
  readonly tables: readonly FoundTable[]
  readonly functions: readonly MetadataFunction[]
}

/** What has the words in its name: tables first whose own name begins with them. */
export function searchSchema(metadata: Metadata, text: string): FoundSchema {
  const words = text.trim().toLowerCase()
  const has = (name: string) => name.toLowerCase().includes(words)
  const tables = metadata.tables.flatMap((table): FoundTable[] => {
    if (words === '' || has(table.name)) return [{ table, columns: table.columns, isOpened: false }]
    const columns = table.columns.filter((column) => has(column.name))
    return columns.length === 0 ? [] : [{ table, columns, isOpened: true }]
  })
  const rank = ({ table, isOpened }: FoundTable) =>
    (isOpened ? 2 : table.name.toLowerCase().startsWith(words) ? 0 : 1) + (table.hasData ? 0 : 0.5)
  return {
    tables: words === '' ? tables : tables.toSorted((one, other) => rank(one) - rank(other)),
    functions: metadata.functions.filter(
      (found) => words === '' || has(found.name) || has(found.displayName ?? ''),
    ),
  }
}

const PLAIN_NAME = /^[A-Za-z_]\w*$/

/** A name as a query writes it. */
export function queryName(name: string): string {
  return PLAIN_NAME.test(name) ? name : `['${name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}']`
}
