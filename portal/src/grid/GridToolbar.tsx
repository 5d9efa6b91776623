import { Search, WrapText, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '@/i18n/en/grid'
import { formatCount } from '@/lib/format'
import { IconButton } from '@/ui'
import type { ColumnFilter, ResultState } from '@/workers/result'
import { ColumnChooser } from './ColumnChooser'
import { filterColumn, groupBy, type GridLayout } from './layout'
import css from './panes.module.css'
import type { GridView } from './useView'

export interface GridToolbarProps {
  readonly state: ResultState
  readonly view: GridView
  readonly layout: GridLayout
  readonly isWrapped: boolean
  /** The field that finds, while it is open. */
  readonly find: ReactNode
  readonly onChange: (layout: GridLayout) => void
  readonly onFind: () => void
  readonly onWrap: () => void
}

/** What of the loaded rows is shown, and why not all; finding; columns. */
export function GridToolbar(props: GridToolbarProps) {
  const { state, view, layout, isWrapped, find, onChange, onFind, onWrap } = props
  return (
    <div className={css['toolbar']} data-screen-only>
      <span className={css['told']} role="status">
        {told(state, view)}
      </span>
      <Chips layout={layout} onChange={onChange} />
      {find ?? <IconButton size="small" label={t.find} icon={<Search aria-hidden />} onPress={onFind} />}
      <IconButton
        size="small"
        label={t.wrap}
        icon={<WrapText aria-hidden />}
        isActive={isWrapped}
        aria-pressed={isWrapped}
        onPress={onWrap}
      />
      <ColumnChooser columns={state.columns} layout={layout} onChange={onChange} />
    </div>
  )
}

function told({ loaded, isComplete }: ResultState, { arranged }: GridView): string {
  const rows = formatCount(loaded)
  if (!isComplete) return loaded === 0 ? t.reading : t.loading(rows)
  if (arranged.groups > 0) return t.groups(formatCount(arranged.groups), formatCount(arranged.rows))
  return arranged.rows < loaded ? t.rowsOf(formatCount(arranged.rows), rows) : t.rows(rows)
}

interface ChipsProps {
  readonly layout: GridLayout
  readonly onChange: (layout: GridLayout) => void
}

function Chips({ layout, onChange }: ChipsProps) {
  return (
    <div className={css['chips']}>
      {layout.filters.map((filter) => (
        <Chip
          key={filter.column}
          text={t.chipFilter(filter.column, wordsOf(filter))}
          onLift={() => onChange(filterColumn(layout, filter.column, null))}
        />
      ))}
      {layout.groupBy !== null && (
        <Chip text={t.chipGroup(layout.groupBy)} onLift={() => onChange(groupBy(layout, null))} />
      )}
    </div>
  )
}

function wordsOf(filter: ColumnFilter): string {
  switch (filter.op) {
    case 'contains':
      return t.contains(filter.text)
    case 'range':
      return t.range(filter.from, filter.to)
    default:
      return valuesOf(filter.values, filter.op === 'in')
  }
}

function valuesOf(values: readonly (string | null)[], isIn: boolean): string {
  const [only] = values
  if (isIn && values.length === 1 && only !== undefined) return only === null ? t.nullValue : `“${only}”`
  return isIn ? t.oneOf(values.length) : t.noneOf(values.length)
}

function Chip({ text, onLift }: { readonly text: string; readonly onLift: () => void }) {
  return (
    <span className={css['chip']}>
      <span>{text}</span>
      <IconButton size="small" label={t.lift(text)} icon={<X aria-hidden />} onPress={onLift} />
    </span>
  )
}
