import { useCallback, useMemo, useState, type ReactNode } from 'react'
import { t } from '@/i18n/en/ui'
import { usePreferences } from '@/lib/preferences'
import { useUrlState } from '@/lib/url-state'
import { EmptyState } from './EmptyState'
import { ErrorState } from './ErrorState'
import { arrange, nextSort, parseSort, type ListColumn } from './list'
import { ListGrid } from './ListGrid'
import css from './ListTable.module.css'
import { ListToolbar } from './ListToolbar'
import { Loading } from './Loading'

export interface ListTableProps<T> {
  /** What is listed: "Tables". Also the name of the CSV file, and the one under which chosen columns are kept. */
  readonly label: string
  readonly columns: readonly ListColumn<T>[]
  /** Absent while they load. */
  readonly rows: readonly T[] | undefined
  readonly rowKey: (row: T) => string
  /** A row's name for people; else its key. */
  readonly rowLabel?: (row: T) => string
  readonly error?: unknown
  readonly retry?: () => void
  /** Shown when there is nothing at all. */
  readonly empty?: ReactNode
  /** Opens a row; without it `?sel=` holds the row that is open. */
  readonly onOpen?: (row: T) => void
  /** Rows do nothing when pressed. */
  readonly isPlain?: boolean
  /** What can be done with several rows at once. */
  readonly bulkActions?: (rows: readonly T[], clear: () => void) => ReactNode
  /** More controls in the bar above: other filters, a time range. */
  readonly tools?: ReactNode
  /** Put before `sel`, `sort` and `filter` in the address where a page has two lists. */
  readonly urlPrefix?: string
}

/** A list with sort, filter, columns and CSV; its state is in the address. */
export function ListTable<T>(props: ListTableProps<T>) {
  const { label, columns, rows, rowKey, urlPrefix = '' } = props
  const [filter, setFilter] = useUrlState(`${urlPrefix}filter`)
  const [order, setOrder] = useUrlState(`${urlPrefix}sort`)
  const [opened, setOpened] = useUrlState(`${urlPrefix}sel`)
  const [checked, setChecked] = useState<ReadonlySet<string>>(new Set())
  const visible = useVisibleColumns(label, columns)
  const sort = useMemo(() => parseSort(order), [order])
  const shown = useMemo(() => arrange(rows ?? [], columns, filter, sort), [rows, columns, filter, sort])
  const clear = useCallback(() => setChecked(new Set()), [])

  if (props.error && !rows) return <ErrorState error={props.error} retry={props.retry} />
  if (!rows) return <Loading />
  if (rows.length === 0) return props.empty ?? <EmptyState title={t.nothingHere} />

  const chosen = props.bulkActions ? rows.filter((row) => checked.has(rowKey(row))) : []
  const open = props.isPlain ? undefined : (props.onOpen ?? ((row: T) => setOpened(rowKey(row))))
  return (
    <div role="group" className={css['list']} aria-label={label}>
      <ListToolbar
        label={label}
        columns={columns}
        visible={visible}
        rows={shown}
        total={rows.length}
        filter={filter}
        onFilter={setFilter}
        tools={props.tools}
      />
      {props.error ? <ErrorState error={props.error} retry={props.retry} /> : null}
      {chosen.length > 0 && (
        <div className={css['bulk']} role="toolbar" aria-label={t.selected(chosen.length)}>
          <span>{t.selected(chosen.length)}</span>
          {props.bulkActions?.(chosen, clear)}
        </div>
      )}
      {shown.length === 0 ? (
        <div className={css['note']}>
          <EmptyState title={t.noMatch} text={t.noMatchText} />
        </div>
      ) : (
        <ListGrid
          label={label}
          columns={visible}
          rows={shown}
          rowKey={rowKey}
          rowLabel={props.rowLabel ?? rowKey}
          sort={sort}
          onSort={(column) => setOrder(nextSort(sort, column))}
          opened={opened}
          onOpen={open}
          checked={props.bulkActions ? checked : null}
          onCheck={setChecked}
        />
      )}
    </div>
  )
}

function useVisibleColumns<T>(label: string, columns: readonly ListColumn<T>[]): readonly ListColumn<T>[] {
  const kept = usePreferences((preferences) => preferences.columns[label])
  return useMemo(() => {
    const chosen = columns.filter((column) => (kept ? kept.includes(column.id) : !column.isHidden))
    return chosen.length > 0 ? chosen : columns
  }, [columns, kept])
}
