import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { usePreferences } from '@/lib/preferences'
import { cx } from './cx'
import type { ListColumn, ListSort } from './list'
import { ListHead } from './ListHead'
import { ListRow } from './ListRow'
import css from './ListTable.module.css'

export interface ListGridProps<T> {
  readonly label: string
  readonly columns: readonly ListColumn<T>[]
  readonly rows: readonly T[]
  readonly rowKey: (row: T) => string
  readonly rowLabel: (row: T) => string
  readonly sort: ListSort | null
  readonly onSort: (column: string) => void
  readonly opened: string
  readonly onOpen: ((row: T) => void) | undefined
  /** The keys of checked rows; null where rows can't be checked. */
  readonly checked: ReadonlySet<string> | null
  readonly onCheck: (keys: ReadonlySet<string>) => void
}

/** Lists up to this length are drawn whole. */
const SMALL = 100

/** The rows themselves: drawn as they come into sight, walked by arrow keys, opened by Enter, checked by Space. */
export function ListGrid<T>(props: ListGridProps<T>) {
  const { label, columns, rows, rowKey, checked } = props
  const scroller = useRef<HTMLDivElement>(null)
  const height = useRowHeight()
  const isSmall = rows.length <= SMALL
  const virtual = useVirtualizer({
    count: isSmall ? 0 : rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
  })
  useEffect(() => virtual.measure(), [virtual, height])
  const { active, onKeyDown, setActive } = useRowKeys(props, scroller, (index) =>
    virtual.scrollToIndex(index),
  )
  const template = [
    ...(checked ? ['36px'] : []),
    ...columns.map(({ width = 120, grow = 1 }) =>
      grow === 0 ? `${width}px` : `minmax(${width}px, ${grow}fr)`,
    ),
  ].join(' ')
  const width = columns.reduce((sum, column) => sum + (column.width ?? 120), checked ? 36 : 0)
  const places = isSmall ? rows.map((_, index) => ({ index, start: null })) : virtual.getVirtualItems()

  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={-1}
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length + (checked ? 1 : 0)}
      className={css['grid']}
      style={{ ['--list-row' as string]: `${height}px`, ['--list-width' as string]: `${width}px` }}
      onKeyDown={onKeyDown}
    >
      <ListHead {...props} template={template} />
      <div role="rowgroup" className={css['body']} style={isSmall ? {} : { height: virtual.getTotalSize() }}>
        {places.map(({ index, start }) => {
          const row = rows[index]!
          const key = rowKey(row)
          return (
            <ListRow
              key={key}
              row={row}
              index={index}
              columns={columns}
              label={props.rowLabel(row)}
              template={template}
              className={cx(start !== null && css['placed'])}
              start={start}
              isActive={index === Math.min(active, rows.length - 1)}
              isOpened={key === props.opened}
              isChecked={checked ? checked.has(key) : null}
              onCheck={() => props.onCheck(toggle(checked, key))}
              onOpen={props.onOpen}
              onFocus={() => setActive(index)}
            />
          )
        })}
      </div>
    </div>
  )
}

function toggle(keys: ReadonlySet<string> | null, key: string): ReadonlySet<string> {
  const next = new Set(keys)
  if (!next.delete(key)) next.add(key)
  return next
}

function useRowHeight(): number {
  const isCompact = usePreferences((preferences) => preferences.density === 'compact')
  if (window.matchMedia('(pointer: coarse)').matches) return 44
  return isCompact ? 24 : 32
}

/** Which row has the focus, and the keys that move it. */
function useRowKeys<T>(
  { rows, rowKey, onOpen, checked, onCheck }: ListGridProps<T>,
  scroller: React.RefObject<HTMLDivElement | null>,
  scrollTo: (index: number) => void,
) {
  const [active, setActive] = useState(0)
  const isWanted = useRef(false)
  // After each drawing: the row that a key went to may have come into being only now.
  useEffect(() => {
    if (!isWanted.current) return
    const row = scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${active + 2}"]`)
    if (!row) return
    isWanted.current = false
    row.focus()
  })

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    // Controls inside a row have keys of their own.
    const target = event.target as HTMLElement
    if (target.getAttribute('role') !== 'row') return
    const row = rows[active]
    const next = nextIndex(event, active, rows.length)
    if (next !== null) {
      isWanted.current = true
      scrollTo(next)
      setActive(next)
    } else if (event.key === 'Enter' && row && onOpen) onOpen(row)
    else if (event.key === ' ' && row && checked) onCheck(toggle(checked, rowKey(row)))
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey) && checked)
      onCheck(new Set(rows.map(rowKey)))
    else return
    event.preventDefault()
  }

  return { active, setActive, onKeyDown }
}

const PAGE = 15

function nextIndex({ key }: KeyboardEvent, active: number, count: number): number | null {
  const steps: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + PAGE,
    PageUp: active - PAGE,
    Home: 0,
    End: count - 1,
  }
  const next = steps[key]
  return next === undefined ? null : Math.max(0, Math.min(next, count - 1))
}
