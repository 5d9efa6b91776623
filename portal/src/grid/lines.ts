/** The lines of a view that the page has, by pages of some rows; it asks the worker for those that are looked at. */
import type { Line, Result } from '@/workers/result'

/** Rows of a page. */
const PAGE = 64
/** Pages kept; about 2,000 rows. */
const KEPT = 32

interface Page {
  readonly lines: readonly Line[]
  /** The place of each column in the lines' cells. */
  readonly places: ReadonlyMap<number, number>
}

export interface ShownLine {
  readonly line: Line
  readonly places: ReadonlyMap<number, number>
}

/** Columns in groups: with a few, all are asked for; of thousands, those near the eye. */
const COLUMN_STEP = 32

export class Lines {
  private pages = new Map<number, Page>()
  /** What stood there before the last change; shown until the new page comes. */
  private old = new Map<number, Page>()
  private columns: readonly number[] = []
  private asked = new Set<number>()
  /** Pages that were asked for before the last rows came. */
  private late = new Set<number>()
  private generation = 0
  private readonly listeners = new Set<() => void>()
  private version = 0

  constructor(
    private readonly result: Result,
    private readonly view: number,
    private readonly timeZone: string,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  readonly snapshot = (): number => this.version

  /** Forgets all lines: their order or number changed. Those on screen stay until others come. */
  reset(): void {
    this.generation += 1
    this.old = this.pages.size > 0 ? this.pages : this.old
    this.pages = new Map()
    this.asked = new Set()
    this.late = new Set()
    this.tell()
  }

  /** More rows came at the end: pages that are not full are asked for again, and stay until they are here. */
  extend(): void {
    for (const [number, page] of this.pages) {
      if (page.lines.length === PAGE) continue
      this.pages.delete(number)
      this.old.set(number, page)
      this.asked.delete(number)
    }
    // What is on its way may lack the new rows; it is shown all the same, for there may always be newer ones.
    this.late = new Set([...this.asked].filter((number) => !this.pages.has(number)))
    this.tell()
  }

  at(line: number): ShownLine | null {
    const number = Math.floor(line / PAGE)
    const page = this.pages.get(number) ?? this.old.get(number)
    const found = page?.lines[line - number * PAGE]
    return page && found ? { line: found, places: page.places } : null
  }

  /** Sees to it that these lines come with these columns. */
  want(from: number, to: number, columns: readonly number[]): void {
    if (columns.some((column) => !this.columns.includes(column))) {
      this.columns = columns
      if (this.pages.size > 0) this.reset()
    }
    for (let number = Math.floor(from / PAGE); number * PAGE < to; number += 1) {
      this.touch(number)
      void this.fetch(number)
    }
  }

  private async fetch(number: number): Promise<void> {
    if (this.asked.has(number)) return
    this.asked.add(number)
    const { generation, columns } = this
    const lines = await this.result
      .ask('lines', this.view, number * PAGE, (number + 1) * PAGE, columns, this.timeZone)
      .catch(() => null)
    if (generation !== this.generation || lines === null) return
    const places = new Map(columns.map((column, place) => [column, place]))
    this.pages.set(number, { lines, places })
    this.old.delete(number)
    if (this.late.delete(number) && lines.length < PAGE) this.asked.delete(number)
    this.forgetOldest()
    this.tell()
  }

  /** Puts a page last among those to forget. */
  private touch(number: number): void {
    const page = this.pages.get(number)
    if (!page) return
    this.pages.delete(number)
    this.pages.set(number, page)
  }

  private forgetOldest(): void {
    for (const number of this.pages.keys()) {
      if (this.pages.size <= KEPT) return
      this.pages.delete(number)
      this.asked.delete(number)
    }
  }

  private tell(): void {
    this.version += 1
    for (const listener of this.listeners) listener()
  }
}

/** The columns to ask for when these places are visible: whole steps, so that a small move asks nothing new. */
export function columnsAround(
  shown: readonly { readonly index: number; readonly isPinned: boolean }[],
  first: number,
  last: number,
): readonly number[] {
  if (shown.length <= 2 * COLUMN_STEP) return shown.map(({ index }) => index)
  const from = Math.floor(first / COLUMN_STEP) * COLUMN_STEP
  const to = (Math.floor(last / COLUMN_STEP) + 1) * COLUMN_STEP
  const wanted = shown.filter((column, place) => column.isPinned || (place >= from && place < to))
  return wanted.map(({ index }) => index)
}
