/** One result: its columns, the views that the page made of it, and the answers to what the page asks. */
import { copyArea, jsonOf, summarizeArea } from './areas'
import { makeColumn, TextColumn, type Column } from './columns'
import { distinctOf, NULL } from './distinct'
import { findText } from './find'
import { childrenAt, nodeAt, scalarAt } from './json-text'
import type { Arrangement, Calls, Line, RecordCell, ResultColumn } from './protocol'
import { countValues, describeColumn, describeField } from './statistics'
import { cellLiteral, cellOf, isCut, SHOWN_BYTES, shownOf, textOf } from './texts'
import { findTintColumn, tintOf } from './tints'
import { describeView, lineOf, makeView, placeOf, type View } from './views'

/** Characters of a row's JSON or raw form; what is longer is exported, not read. */
const MOST_TEXT = 200_000

const AS_IT_COMES: Arrangement = { sort: [], filters: [], groupBy: null, open: [] }

interface Kept {
  readonly view: View
  readonly loaded: number
  readonly arrangement: Arrangement
}

export class Table implements Calls {
  readonly columns: readonly Column[]
  private readonly views = new Map<number, Kept>()
  private tintColumn: Column | null
  private opened: { readonly row: number; readonly column: number; readonly text: string } | null = null

  constructor(
    schema: readonly ResultColumn[],
    private timeZone = 'UTC',
  ) {
    this.columns = schema.map(({ name, type }) => makeColumn(name, type))
    this.tintColumn = findTintColumn(this.columns)
  }

  /** Rows of which every column is here. */
  get loaded(): number {
    return this.columns.at(-1)?.length ?? 0
  }

  arrange(number: number, arrangement: Arrangement) {
    const view = makeView(this.columns, this.loaded, arrangement, this.timeZone)
    this.views.set(number, { view, loaded: this.loaded, arrangement })
    return describeView(view)
  }

  lines(number: number, from: number, to: number, columns: readonly number[], timeZone: string): Line[] {
    this.timeZone = timeZone
    const view = this.view(number)
    const chosen = columns.map((index) => this.column(index))
    const lines: Line[] = []
    for (let line = from; line < Math.min(to, view.length); line += 1) {
      const place = placeOf(view, line)
      lines.push('row' in place ? this.rowLine(place.row, chosen) : this.groupLine(view, place.group))
    }
    return lines
  }

  private rowLine(row: number, columns: readonly Column[]): Line {
    const cells = columns.map((column) => shownOf(column, row, this.timeZone))
    const cut = columns.flatMap((column, place) => (isCut(column, row) ? [place] : []))
    const tint = tintOf(this.tintColumn, row)
    return cut.length > 0 ? { row, cells, cut, tint } : { row, cells, tint }
  }

  private groupLine(view: View, group: { code: number; count: number; isOpen: boolean }): Line {
    const column = view.groupColumn
    const { count, isOpen } = group
    if (!column || group.code === NULL) return { group: null, shown: 'null', count, isOpen }
    const row = distinctOf(column).samples[group.code]!
    return { group: textOf(column, row), shown: shownOf(column, row, this.timeZone) ?? 'null', count, isOpen }
  }

  lineOf(number: number, row: number) {
    return lineOf(this.view(number), row)
  }

  find(number: number, text: string, columns: readonly number[], timeZone: string) {
    return findText(this.columns, columns, this.view(number), text, timeZone)
  }

  summarize(number: number, area: Parameters<Calls['summarize']>[1]) {
    return summarizeArea(this.columns, this.view(number), area)
  }

  copy(...[number, area, format, timeZone]: Parameters<Calls['copy']>) {
    return copyArea(this.columns, this.view(number), area, format, timeZone)
  }

  statistics(number: number, column: number, timeZone: string) {
    return describeColumn(this.column(column), this.view(number).rows, timeZone)
  }

  forget(number: number) {
    this.views.delete(number)
  }

  counts(column: number, search: string, top: number, timeZone: string) {
    return countValues(this.column(column), search, top, timeZone)
  }

  field(column: number) {
    return describeField(this.column(column), column)
  }

  text(row: number, column: number) {
    return textOf(this.column(column), row)
  }

  literal(row: number, column: number) {
    return cellLiteral(this.column(column), row)
  }

  record(row: number, columns: readonly number[], timeZone: string): RecordCell[] {
    return columns.map((index) => {
      const column = this.column(index)
      const text = shownOf(column, row, timeZone)
      const size = column instanceof TextColumn ? column.size(row) : (text?.length ?? 0)
      return { column: index, text, size, isCut: size > SHOWN_BYTES }
    })
  }

  recordText(row: number, format: 'json' | 'raw') {
    const text =
      format === 'json'
        ? jsonOf(this.columns, row, '  ')
        : this.columns.map((column) => `${column.name}: ${textOf(column, row) ?? 'null'}`).join('\n')
    return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}\n…` : text
  }

  children(...[row, column, start, from, count]: Parameters<Calls['children']>) {
    const text = this.open(row, column)
    if (start === -1) return { nodes: [nodeAt(text, 0)], total: 1 }
    return childrenAt(text, start, from, count)
  }

  scalar(row: number, column: number, start: number, end: number) {
    return scalarAt(this.open(row, column), start, end)
  }

  values(columns: readonly number[], from: number, to: number) {
    const end = Math.min(to, this.loaded)
    return columns.map((index) => {
      const column = this.column(index)
      return Array.from({ length: Math.max(end - from, 0) }, (_, place) => cellOf(column, from + place))
    })
  }

  /** The text of the cell that somebody is reading: decoded once for all its parts. */
  private open(row: number, column: number): string {
    if (this.opened?.row !== row || this.opened.column !== column) {
      this.opened = { row, column, text: this.text(row, column) ?? 'null' }
    }
    return this.opened.text
  }

  private column(index: number): Column {
    const column = this.columns[index]
    if (!column) throw new RangeError(`The result has no column ${index}.`)
    return column
  }

  /** The view by now: one that was made of fewer rows is made again. */
  private view(number: number): View {
    const kept = this.views.get(number)
    if (!kept || kept.loaded !== this.loaded) this.arrange(number, kept?.arrangement ?? AS_IT_COMES)
    return this.views.get(number)!.view
  }
}
