import { ChevronDown, ChevronRight, CircleAlert, EllipsisVertical, TriangleAlert } from 'lucide-react'
import { memo, type CSSProperties, type ReactNode } from 'react'
import { t } from '@/i18n/en/grid'
import { formatCount } from '@/lib/format'
import { cx } from '@/ui/cx'
import type { GroupLine, RowLine, Tint } from '@/workers/result'
import { HANDLE_WIDTH, type PlacedColumn } from './cells'
import css from './grid.module.css'
import handle from './handle.module.css'
import type { ShownLine } from './lines'

export interface BodyRowProps {
  readonly line: number
  readonly shown: ShownLine | null
  readonly top: number
  readonly height: number
  readonly pinned: readonly PlacedColumn[]
  readonly others: readonly PlacedColumn[]
  readonly pinnedWidth: number
  /** The place that keys act on, if it is in this line. */
  readonly active: number | null
  readonly selectedFrom: number
  readonly selectedTo: number
  /** What is searched for, in lower case. */
  readonly found: string
  readonly isOpen: boolean
  readonly isWrapped: boolean
  readonly measure: ((element: Element | null) => void) | undefined
  readonly details: ReactNode
}

/** One line of a grid: a row, a group's heading, or a row that is on its way. Events are the grid's. */
export const BodyRow = memo(function BodyRow(props: BodyRowProps) {
  const { line, shown, top, height, isOpen, isWrapped, details, measure } = props
  const group = shown && 'group' in shown.line ? shown.line : null
  return (
    <div
      ref={measure}
      role="presentation"
      data-index={line}
      className={css['line']}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div
        role="row"
        aria-rowindex={line + 2}
        className={cx(css['row'], line % 2 === 1 && css['odd'], isWrapped && css['wrapped'])}
        style={isWrapped ? { minHeight: height } : { height }}
      >
        {group ? <GroupCell {...props} group={group} /> : <Cells {...props} />}
      </div>
      {isOpen && !group && (
        <div role="row" className={css['detailsRow']}>
          <div role="gridcell" data-details className={css['details']}>
            {details}
          </div>
        </div>
      )}
    </div>
  )
})

function Cells(props: BodyRowProps) {
  const { shown, line, pinned, others, pinnedWidth, active, isOpen } = props
  const row = shown && !('group' in shown.line) ? shown.line : null
  return (
    <>
      <div role="presentation" className={css['pinned']} style={{ width: pinnedWidth }}>
        <div
          role="gridcell"
          aria-colindex={1}
          aria-label={handleLabel((row?.row ?? line) + 1, row?.tint ?? null)}
          aria-expanded={isOpen}
          tabIndex={active === 0 ? 0 : -1}
          data-line={line}
          data-place={0}
          className={cx(handle['handle'], row?.tint && handle[row.tint])}
          style={{ width: HANDLE_WIDTH }}
        >
          {isOpen ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
          <TintMark tint={row?.tint ?? null} />
        </div>
        {pinned.map((placed) => (
          <Cell key={placed.column.index} placed={placed} row={row} gap={0} {...cellProps(props, placed)} />
        ))}
      </div>
      {others.map((placed, index) => (
        <Cell
          key={placed.column.index}
          placed={placed}
          row={row}
          gap={placed.left - endOf(others[index - 1], pinnedWidth)}
          {...cellProps(props, placed)}
        />
      ))}
    </>
  )
}

function endOf(placed: PlacedColumn | undefined, otherwise: number): number {
  return placed ? placed.left + placed.column.width : otherwise
}

/** What the mark in the cell shows is in the cell's name: a name hides what is inside. */
function handleLabel(row: number, tint: Tint): string {
  return tint === null ? t.handle(row) : `${t.handle(row)}, ${t[tint]}`
}

function TintMark({ tint }: { readonly tint: Tint }) {
  if (tint === 'danger') return <CircleAlert className={handle['dangerMark']} aria-hidden />
  return tint === 'warning' ? <TriangleAlert className={handle['warningMark']} aria-hidden /> : null
}

interface CellProps {
  readonly line: number
  readonly shown: ShownLine | null
  readonly isActive: boolean
  readonly isSelected: boolean
  readonly found: string
  readonly isWrapped: boolean
}

function cellProps(props: BodyRowProps, { place }: PlacedColumn): CellProps {
  const { line, shown, active, selectedFrom, selectedTo, found, isWrapped } = props
  const isSelected = place >= selectedFrom && place <= selectedTo
  return { line, shown, isActive: active === place, isSelected, found, isWrapped }
}

const NUMERIC: ReadonlySet<string> = new Set(['int', 'long', 'real', 'decimal', 'timespan'])

function Cell({
  placed,
  row,
  line,
  shown,
  isActive,
  isSelected,
  found,
  isWrapped,
  gap,
}: CellProps & {
  readonly placed: PlacedColumn
  readonly row: RowLine | null
  /** Where lines wrap, cells stand beside each other: the width of those that are left out before. */
  readonly gap: number
}) {
  const { column, place } = placed
  const at = shown?.places.get(column.index)
  const text = row && at !== undefined ? row.cells[at] : undefined
  const isCut = at !== undefined && row?.cut?.includes(at)
  const isFound = found !== '' && typeof text === 'string' && text.toLowerCase().includes(found)
  return (
    <div
      role="gridcell"
      aria-colindex={place + 1}
      aria-selected={isSelected || undefined}
      tabIndex={isActive ? 0 : -1}
      data-line={line}
      data-place={place}
      className={cx(
        css['cell'],
        NUMERIC.has(column.type) && css['number'],
        isSelected && css['selected'],
        isFound && css['found'],
      )}
      style={cellStyle(placed, isWrapped, gap)}
    >
      <CellText text={text} isCut={isCut === true} />
      {isActive && (
        <span data-menu className={css['cellMenu']} aria-hidden>
          <EllipsisVertical />
        </span>
      )}
    </div>
  )
}

function CellText({ text, isCut }: { readonly text: string | null | undefined; readonly isCut: boolean }) {
  if (text === undefined) return null
  if (text === null) return <span className={css['none']}>{t.nullValue}</span>
  if (text === '') return <span className={css['none']}>{t.emptyValue}</span>
  return isCut ? (
    <>
      {text}…<span className={css['more']}>{t.cutCell}</span>
    </>
  ) : (
    text
  )
}

function GroupCell({ group, line, active }: BodyRowProps & { readonly group: GroupLine }) {
  const isNone = group.group === null || group.group === ''
  return (
    <div
      role="gridcell"
      aria-colindex={1}
      aria-expanded={group.isOpen}
      tabIndex={active === null ? -1 : 0}
      data-line={line}
      data-place={0}
      className={handle['group']}
    >
      {group.isOpen ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
      <span className={cx(handle['groupValue'], isNone && handle['none'])}>
        {group.group === '' ? t.emptyValue : group.shown}
      </span>
      <span className={handle['groupCount']}>{formatCount(group.count)}</span>
    </div>
  )
}

function cellStyle({ column, left }: PlacedColumn, isWrapped: boolean, gap: number): CSSProperties {
  const { width } = column
  if (column.isPinned) return { width }
  return isWrapped ? { width, marginLeft: gap } : { width, left }
}
