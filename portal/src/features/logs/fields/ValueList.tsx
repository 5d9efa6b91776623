import { Minus, Plus } from 'lucide-react'
import { operationsFor, type OnEdit } from '@/grid'
import shared from '@/grid/values.module.css'
import { t } from '@/i18n/en/fields'
import { formatCount, formatShare } from '@/lib/format'
import { cx, IconButton } from '@/ui'
import type { Count, ResultColumn } from '@/workers/result'
import css from './fields.module.css'

export interface ValueListProps {
  readonly column: ResultColumn
  readonly values: readonly Count[]
  readonly total: number
  readonly onEdit: OnEdit | undefined
}

/** Values with their share of the rows, and the two filters that each one offers. */
export function ValueList({ column, values, total, onEdit }: ValueListProps) {
  const canFilter = onEdit && operationsFor(column.type, false).includes('filterTo')
  const edit = (op: 'filterTo' | 'filterOut', value: string | null) =>
    onEdit?.({ op, column: column.name, type: column.type, value, isImmediate: false })
  return (
    <ul className={css['list']}>
      {values.map(({ text, shown, count }) => {
        const name = text === null ? t.nullValue : text === '' ? t.emptyValue : shown.slice(0, 120)
        const share = total === 0 ? 0 : count / total
        return (
          <li key={text ?? '\0null'} className={css['value']}>
            <span className={css['bar']} style={{ width: `${share * 100}%` }} />
            <span
              className={cx(shared['text'], (text === null || text === '') && shared['none'])}
              title={name}
            >
              {name}
            </span>
            <span className={shared['count']}>
              {formatCount(count)} · {formatShare(share)}
            </span>
            {canFilter && (
              <>
                <IconButton
                  size="small"
                  label={t.filterTo(name)}
                  icon={<Plus aria-hidden />}
                  onPress={() => edit('filterTo', text)}
                />
                <IconButton
                  size="small"
                  label={t.filterOut(name)}
                  icon={<Minus aria-hidden />}
                  onPress={() => edit('filterOut', text)}
                />
              </>
            )}
          </li>
        )
      })}
    </ul>
  )
}
