import { ArrowDown, ArrowUp } from 'lucide-react'
import { t } from '@/i18n/en/ui'
import { Checkbox } from './Checkbox'
import { cx } from './cx'
import type { ListGridProps } from './ListGrid'
import css from './ListTable.module.css'

export function ListHead<T>(props: ListGridProps<T> & { readonly template: string }) {
  const { columns, rows, rowKey, sort, onSort, checked, onCheck, template } = props
  const isAll = checked !== null && rows.every((row) => checked.has(rowKey(row)))
  return (
    <div role="rowgroup" className={css['head']}>
      <div role="row" aria-rowindex={1} className={css['row']} style={{ gridTemplateColumns: template }}>
        {checked && (
          <div role="columnheader" className={cx(css['heading'], css['check'])}>
            <Checkbox
              aria-label={t.selectAll}
              isSelected={isAll}
              isIndeterminate={!isAll && checked.size > 0}
              onChange={(all) => onCheck(all ? new Set(rows.map(rowKey)) : new Set())}
            />
          </div>
        )}
        {columns.map((column) => {
          const isSorted = sort?.column === column.id
          const direction = isSorted ? (sort.isDescending ? 'descending' : 'ascending') : undefined
          return (
            <div key={column.id} role="columnheader" aria-sort={direction} className={css['heading']}>
              <button
                type="button"
                className={cx(css['sort'], column.align === 'end' && css['end'])}
                onClick={() => onSort(column.id)}
              >
                <span>{column.label}</span>
                {isSorted && (sort.isDescending ? <ArrowDown aria-hidden /> : <ArrowUp aria-hidden />)}
              </button>
            </div>
          )
        })}
      </div>
    </div>
  )
}
