import { ArrowDown, ArrowUp, ChevronDown, ListFilter } from 'lucide-react'
import { memo, useRef, type PointerEvent } from 'react'
import { t } from '@/i18n/en/grid'
import { cx } from '@/ui/cx'
import { HANDLE_WIDTH, type PlacedColumn } from './cells'
import css from './grid.module.css'
import type { GridLayout, ShownColumn } from './layout'

export interface HeaderRowProps {
  readonly pinned: readonly PlacedColumn[]
  readonly others: readonly PlacedColumn[]
  readonly pinnedWidth: number
  readonly layout: GridLayout
  readonly active: number | null
  readonly onResize: (column: ShownColumn, width: number) => void
  readonly onFit: (column: ShownColumn) => void
}

/** The headings. Clicks and keys are the grid's; a heading's right edge is dragged here. */
export const HeaderRow = memo(function HeaderRow(props: HeaderRowProps) {
  const { pinned, others, pinnedWidth, active } = props
  return (
    <div role="row" aria-rowindex={1} className={cx(css['row'], css['head'])}>
      <div role="presentation" className={css['pinned']} style={{ width: pinnedWidth }}>
        <div
          role="columnheader"
          aria-colindex={1}
          tabIndex={active === 0 ? 0 : -1}
          data-line={-1}
          data-place={0}
          className={css['heading']}
          style={{ width: HANDLE_WIDTH }}
        >
          <span className={css['hidden']}>{t.details}</span>
        </div>
        {pinned.map((placed) => (
          <Heading key={placed.column.index} placed={placed} {...props} />
        ))}
      </div>
      {others.map((placed) => (
        <Heading key={placed.column.index} placed={placed} {...props} />
      ))}
    </div>
  )
})

function Heading({
  placed,
  layout,
  active,
  onResize,
  onFit,
}: HeaderRowProps & { readonly placed: PlacedColumn }) {
  const { column, place, left } = placed
  const at = layout.sort.findIndex((key) => key.column === column.name)
  const key = layout.sort[at]
  const isFiltered = layout.filters.some((filter) => filter.column === column.name)
  return (
    <div
      role="columnheader"
      aria-colindex={place + 1}
      aria-sort={key ? (key.descending ? 'descending' : 'ascending') : 'none'}
      tabIndex={active === place ? 0 : -1}
      data-line={-1}
      data-place={place}
      title={`${column.name}: ${column.type}`}
      className={cx(css['heading'], column.isPinned && css['isPinned'])}
      style={column.isPinned ? { width: column.width } : { width: column.width, left }}
    >
      <span className={css['name']}>{column.name}</span>
      {isFiltered && <ListFilter aria-hidden />}
      {key && (key.descending ? <ArrowDown aria-hidden /> : <ArrowUp aria-hidden />)}
      {key && layout.sort.length > 1 && (
        <span className={css['sortPlace']} aria-hidden>
          {at + 1}
        </span>
      )}
      <span data-menu className={css['headMenu']} aria-hidden>
        <ChevronDown />
      </span>
      <Edge column={column} onResize={onResize} onFit={onFit} />
    </div>
  )
}

function Edge({
  column,
  onResize,
  onFit,
}: {
  readonly column: ShownColumn
  readonly onResize: (column: ShownColumn, width: number) => void
  readonly onFit: (column: ShownColumn) => void
}) {
  const start = useRef<{ readonly x: number; readonly width: number } | null>(null)
  const move = (event: PointerEvent) => {
    if (start.current) onResize(column, start.current.width + event.clientX - start.current.x)
  }
  return (
    <span
      data-edge
      aria-hidden
      className={css['edge']}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        start.current = { x: event.clientX, width: column.width }
      }}
      onPointerMove={move}
      onPointerUp={() => (start.current = null)}
      onDoubleClick={() => onFit(column)}
    />
  )
}
