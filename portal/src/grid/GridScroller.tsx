import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual'
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from 'react'
import { BodyRow } from './BodyRow'
import { RowDetails, type RowDetailsProps } from './details/RowDetails'
import { HeaderRow, type HeaderRowProps } from './HeaderRow'
import type { Placing } from './cells'
import css from './grid.module.css'
import { columnsOf, linesOf, type Position, type Selection } from './keys'
import type { ShownColumn } from './layout'
import { columnsAround } from './lines'
import type { GridView } from './useView'

const HEAD = 32
const OVERSCAN = 6

export interface GridScrollerProps {
  readonly label: string
  readonly view: GridView
  readonly placing: Placing
  readonly shown: readonly ShownColumn[]
  readonly rowHeight: number
  readonly isWrapped: boolean
  readonly active: Position
  readonly selection: Selection | null
  readonly openRows: ReadonlySet<number>
  readonly found: string
  /** They count up when the active cell shall be seen, and take the focus. */
  readonly showCount: number
  readonly focusCount: number
  readonly head: Omit<HeaderRowProps, 'others' | 'active'>
  readonly details: Omit<RowDetailsProps, 'row'>
  readonly empty: ReactNode
  readonly onKeyDown: (event: KeyboardEvent, pageLines: number) => void
  readonly onMouse: (event: MouseEvent) => void
  readonly canPick: boolean
  readonly onFirstPaint: (() => void) | undefined
}

/** The scrolled part of a grid: only the rows and columns in sight are in the page. */
export function GridScroller(props: GridScrollerProps) {
  const { label, view, placing, shown, rowHeight, isWrapped, active, selection, openRows } = props
  const scroller = useRef<HTMLDivElement>(null)
  const { rows, columns } = useVirtual(scroller, props)
  const items = rows.getVirtualItems()
  const inSight = columns.getVirtualItems()
  const places = inSight.map((item) => item.index).join()
  const others = useMemo(
    () => (places === '' ? [] : places.split(',').flatMap((place) => placing.others[Number(place)] ?? [])),
    [places, placing],
  )
  const lines = useLines(
    props,
    items,
    others.map(({ place }) => place - 1),
  )
  useFocus(scroller, rows, columns, props)
  useFirstPaint(props, lines.at(items[0]?.index ?? 0) !== null)
  useViewportWidth(scroller)

  const [selectedFrom, selectedTo] = selection ? columnsOf(selection) : [-1, -1]
  const [firstLine, lastLine] = selection ? linesOf(selection) : [-1, -1]
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label={label}
      aria-rowcount={view.arranged.length + 1}
      aria-colcount={shown.length + 1}
      aria-multiselectable
      aria-busy={view.isArranging}
      tabIndex={-1}
      className={css['scroller']}
      onKeyDown={(event) => {
        const height = event.currentTarget.clientHeight - HEAD
        props.onKeyDown(event, Math.max(Math.floor(height / rowHeight) - 1, 1))
      }}
      onMouseDown={props.onMouse}
      onMouseMove={props.onMouse}
      data-picks={props.canPick}
      onClick={props.onMouse}
      onDoubleClick={props.onMouse}
      onContextMenu={props.onMouse}
    >
      <div role="rowgroup" className={css['headGroup']} style={{ width: placing.width }}>
        <HeaderRow {...props.head} others={others} active={active.line === -1 ? active.column : null} />
      </div>
      <div
        role="rowgroup"
        className={css['body']}
        style={{ height: rows.getTotalSize(), width: placing.width }}
      >
        {items.map((item) => {
          const at = lines.at(item.index)
          const row = at && 'row' in at.line ? at.line.row : -1
          const isOpen = openRows.has(row)
          const isSelected = item.index >= firstLine && item.index <= lastLine
          return (
            <BodyRow
              key={item.index}
              line={item.index}
              shown={at}
              top={item.start - HEAD}
              height={rowHeight}
              pinned={placing.pinned}
              others={others}
              pinnedWidth={placing.pinnedWidth}
              active={active.line === item.index ? active.column : null}
              selectedFrom={isSelected ? selectedFrom : -1}
              selectedTo={isSelected ? selectedTo : -1}
              found={props.found}
              isOpen={isOpen}
              isWrapped={isWrapped}
              measure={isOpen || isWrapped ? rows.measureElement : undefined}
              details={isOpen ? <RowDetails {...props.details} row={row} /> : null}
            />
          )
        })}
      </div>
      {props.empty}
    </div>
  )
}

function useVirtual(scroller: React.RefObject<HTMLDivElement | null>, props: GridScrollerProps) {
  const { view, placing, rowHeight, isWrapped, active } = props
  const getScrollElement = () => scroller.current
  const activeOther = placing.others.findIndex(({ place }) => place === active.column)
  const rows = useVirtualizer({
    count: view.arranged.length,
    getScrollElement,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin: HEAD,
    scrollPaddingStart: HEAD,
    rangeExtractor: useExtractor(active.line),
  })
  const columns = useVirtualizer({
    horizontal: true,
    count: placing.others.length,
    getScrollElement,
    estimateSize: (index) => placing.others[index]?.column.width ?? 0,
    overscan: 2,
    scrollMargin: placing.pinnedWidth,
    scrollPaddingStart: placing.pinnedWidth,
    rangeExtractor: useExtractor(activeOther),
  })
  useLayoutEffect(() => columns.measure(), [columns, placing])
  // Heights belong to rows, not to lines: another order has others.
  useLayoutEffect(() => rows.measure(), [rows, view.arranged, rowHeight, isWrapped])
  return { rows, columns }
}

/** What is in sight, and the one that has the focus: it must not leave the page while one scrolls. */
function useExtractor(active: number) {
  return useCallback(
    (range: Range) => {
      const found = defaultRangeExtractor(range)
      if (active < 0 || active >= range.count || found.includes(active)) return found
      return [...found, active].toSorted((left, right) => left - right)
    },
    [active],
  )
}

function useLines(props: GridScrollerProps, items: readonly { index: number }[], inSight: readonly number[]) {
  const { view, shown } = props
  const { lines } = view
  useSyncExternalStore(lines.subscribe, lines.snapshot)
  const firstColumn = inSight[0] ?? 0
  const lastColumn = inSight.at(-1) ?? 0
  useLayoutEffect(() => {
    const columns = columnsAround(shown, firstColumn, lastColumn)
    // The one with the focus may be far from the others.
    for (const [from, to] of runsOf(items)) lines.want(from, to, columns)
  })
  return lines
}

/** Unbroken runs of lines. */
function runsOf(items: readonly { index: number }[]): [number, number][] {
  const runs: [number, number][] = []
  for (const { index } of items) {
    const run = runs.at(-1)
    if (run && run[1] === index) run[1] = index + 1
    else runs.push([index, index + 1])
  }
  return runs
}

type Axis = ReturnType<typeof useVirtualizer<HTMLDivElement, Element>>

/** Brings the active cell into sight and gives it the focus, whenever the grid says so. */
function useFocus(
  scroller: React.RefObject<HTMLDivElement | null>,
  rows: Axis,
  columns: Axis,
  { active, showCount, focusCount, placing }: GridScrollerProps,
) {
  useLayoutEffect(() => {
    if (showCount === 0) return
    if (active.line >= 0) rows.scrollToIndex(active.line, { align: 'auto' })
    const other = placing.others.findIndex(({ place }) => place === active.column)
    if (other >= 0) columns.scrollToIndex(other, { align: 'auto' })
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only the order to show moves the view
  }, [showCount])
  useLayoutEffect(() => {
    if (focusCount === 0) return
    const find = (place: number) =>
      scroller.current?.querySelector<HTMLElement>(`[data-line="${active.line}"][data-place="${place}"]`)
    // The heading of a group is one cell, whatever the column.
    const cell = find(active.column) ?? find(0)
    cell?.focus({ preventScroll: true })
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only the order to focus moves the focus
  }, [focusCount])
}

function useFirstPaint({ onFirstPaint }: GridScrollerProps, hasRows: boolean) {
  const isDone = useRef(false)
  useEffect(() => {
    if (!hasRows || isDone.current) return
    isDone.current = true
    requestAnimationFrame(() => onFirstPaint?.())
  }, [hasRows, onFirstPaint])
}

/** Details of a row are as wide as what is seen, not as the row. */
function useViewportWidth(scroller: React.RefObject<HTMLDivElement | null>) {
  useLayoutEffect(() => {
    const element = scroller.current
    if (!element) return undefined
    const observer = new ResizeObserver(() => {
      element.style.setProperty('--viewport', `${element.clientWidth}px`)
    })
    observer.observe(element)
    return () => observer.disconnect()
  }, [scroller])
}
