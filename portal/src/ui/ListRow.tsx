import type { MouseEvent } from 'react'
import { t } from '@/i18n/en/ui'
import { Checkbox } from './Checkbox'
import { cx } from './cx'
import { textOf, type ListColumn } from './list'
import css from './ListTable.module.css'

interface ListRowProps<T> {
  readonly row: T
  readonly index: number
  readonly columns: readonly ListColumn<T>[]
  readonly label: string
  readonly template: string
  readonly className: string
  /** Pixels from the top; null where rows follow each other by themselves. */
  readonly start: number | null
  readonly isActive: boolean
  readonly isOpened: boolean
  readonly isChecked: boolean | null
  readonly onCheck: () => void
  readonly onOpen: ((row: T) => void) | undefined
  readonly onFocus: () => void
}

export function ListRow<T>(props: ListRowProps<T>) {
  const { row, index, columns, template, start, isChecked, onOpen } = props

  function press(event: MouseEvent) {
    const isControl = (event.target as HTMLElement).closest('a, button, label, input')
    if (!isControl) onOpen?.(row)
  }

  return (
    // Keys are heard by the grid.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={props.isOpened}
      tabIndex={props.isActive ? 0 : -1}
      className={cx(css['row'], css['item'], onOpen && css['opens'], props.className)}
      style={{
        gridTemplateColumns: template,
        ...(start === null ? {} : { transform: `translateY(${start}px)` }),
      }}
      onClick={press}
      onFocus={props.onFocus}
    >
      {isChecked !== null && (
        <div role="gridcell" className={css['check']}>
          <Checkbox aria-label={t.selectRow(props.label)} isSelected={isChecked} onChange={props.onCheck} />
        </div>
      )}
      {columns.map((column) => {
        const text = textOf(column.value(row))
        return (
          <div
            key={column.id}
            role="gridcell"
            className={cx(css['cell'], column.align === 'end' && css['end'])}
            title={column.cell ? undefined : text}
          >
            {column.cell ? column.cell(row) : text}
          </div>
        )
      })}
    </div>
  )
}
