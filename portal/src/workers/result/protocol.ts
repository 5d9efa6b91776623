/** What the page and the worker of results say to each other. Plain data only: it is copied between the two. */

export type ColumnType =
  'string' | 'long' | 'int' | 'real' | 'decimal' | 'bool' | 'datetime' | 'timespan' | 'guid' | 'dynamic'

export interface ResultColumn {
  readonly name: string
  readonly type: ColumnType
}

/** Where a result comes from: the address of an Arrow stream, or cells at hand. */
export type ResultSource =
  | { readonly url: string }
  | { readonly columns: readonly ResultColumn[]; readonly rows: readonly (readonly unknown[])[] }

export interface Failure {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly correlationId: string
}

export interface ResultState {
  readonly columns: readonly ResultColumn[]
  /** Rows that are here. */
  readonly loaded: number
  readonly isComplete: boolean
  readonly error: Failure | null
}

/** A value as charts take it. */
export type Cell = string | number | bigint | boolean | null

export interface SortKey {
  readonly column: string
  readonly descending: boolean
}

/** `contains` looks at what is shown, without regard to case; the others compare values, given in canonical text. */
export type ColumnFilter =
  | { readonly column: string; readonly op: 'contains'; readonly text: string }
  | { readonly column: string; readonly op: 'in' | 'notIn'; readonly values: readonly (string | null)[] }
  | { readonly column: string; readonly op: 'range'; readonly from: string; readonly to: string }

/** Which rows are shown, in which order. Columns that a result lacks are passed over. */
export interface Arrangement {
  readonly sort: readonly SortKey[]
  readonly filters: readonly ColumnFilter[]
  readonly groupBy: string | null
  /** Canonical texts of the groups that are open; null is the group of nulls. */
  readonly open: readonly (string | null)[]
}

export interface Arranged {
  /** Lines to show: rows, and the headings of groups. */
  readonly length: number
  /** Rows that pass the filters. */
  readonly rows: number
  readonly groups: number
}

export type Tint = 'danger' | 'warning' | null

export interface RowLine {
  readonly row: number
  /** One text for each column asked for; null is null. */
  readonly cells: readonly (string | null)[]
  /** Places in `cells` whose text was cut. */
  readonly cut?: readonly number[]
  readonly tint: Tint
}

export interface GroupLine {
  /** Canonical text of the group's value, and how it is shown. */
  readonly group: string | null
  readonly shown: string
  readonly count: number
  readonly isOpen: boolean
}

export type Line = RowLine | GroupLine

export interface Found {
  readonly total: number
  /** Line and column by turns, of the first matches. */
  readonly places: Int32Array
}

export interface Count {
  readonly text: string | null
  readonly shown: string
  readonly count: number
}

export interface Counts {
  readonly values: readonly Count[]
  /** Different values that match the search, of which `values` are the most frequent. */
  readonly distinct: number
  readonly rows: number
}

export interface Statistics {
  readonly rows: number
  readonly nulls: number
  readonly empty: number
  readonly distinct: number
  readonly min: string | null
  readonly max: string | null
  readonly sum: string | null
  readonly mean: string | null
  readonly top: readonly Count[]
}

export interface Field {
  readonly column: number
  /** Share of the rows that are neither null nor empty. */
  readonly fill: number
  readonly distinct: number
}

export interface Summary {
  readonly cells: number
  readonly numbers: number
  readonly sum: string
  readonly mean: string
  readonly min: string
  readonly max: string
}

/** Lines and columns from a first to a last, both included. */
export interface Area {
  readonly lines: readonly [number, number]
  readonly columns: readonly number[]
}

export type CopyFormat = 'text' | 'textWithNames' | 'kql' | 'json'

export interface RecordCell {
  readonly column: number
  readonly text: string | null
  /** Characters of the whole text, of which `text` is the beginning. */
  readonly size: number
  readonly isCut: boolean
}

/** A piece of a JSON document: a value between two places of its text. */
export interface JsonNode {
  readonly key: string | number
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null'
  readonly start: number
  readonly end: number
  /** The beginning of what stands there; strings without their quotes. */
  readonly preview: string
}

export interface JsonChildren {
  readonly nodes: readonly JsonNode[]
  readonly total: number
}

/** What can be asked of a result; `view` numbers the arrangements that the page made. */
export interface Calls {
  arrange(view: number, arrangement: Arrangement): Arranged
  lines(view: number, from: number, to: number, columns: readonly number[], timeZone: string): readonly Line[]
  lineOf(view: number, row: number): number
  find(view: number, text: string, columns: readonly number[], timeZone: string): Found
  summarize(view: number, area: Area): Summary | null
  copy(view: number, area: Area, format: CopyFormat, timeZone: string): string
  statistics(view: number, column: number, timeZone: string): Statistics
  forget(view: number): void
  counts(column: number, search: string, top: number, timeZone: string): Counts
  field(column: number): Field
  text(row: number, column: number): string | null
  literal(row: number, column: number): string
  record(row: number, columns: readonly number[], timeZone: string): readonly RecordCell[]
  recordText(row: number, format: 'json' | 'raw'): string
  children(row: number, column: number, start: number, from: number, count: number): JsonChildren
  scalar(row: number, column: number, start: number, end: number): string
  values(columns: readonly number[], from: number, to: number): readonly (readonly Cell[])[]
}

export type Request =
  | { readonly kind: 'open'; readonly result: number; readonly source: ResultSource }
  | { readonly kind: 'close'; readonly result: number }
  | {
      readonly kind: 'call'
      readonly result: number
      readonly id: number
      readonly method: keyof Calls
      readonly args: readonly unknown[]
    }

export type Reply =
  | { readonly kind: 'state'; readonly result: number; readonly state: ResultState }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string }
