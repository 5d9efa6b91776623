import { ChevronDown, ChevronRight } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { OnEdit } from '@/grid'
import shared from '@/grid/values.module.css'
import { t } from '@/i18n/en/fields'
import { formatCount, formatShare } from '@/lib/format'
import { Button, ErrorState, SearchField } from '@/ui'
import type { Counts, Field, Result, ResultColumn } from '@/workers/result'
import type { AllRowsCounts } from './FieldsPane'
import css from './fields.module.css'
import { ValueList } from './ValueList'

export interface FieldItemProps {
  readonly result: Result
  readonly column: ResultColumn & { readonly index: number }
  readonly figures: Field | undefined
  readonly timeZone: string
  readonly isOpen: boolean
  readonly onToggle: () => void
  readonly onEdit: OnEdit | undefined
  readonly onAllRows: ((column: string) => void) | undefined
  readonly allRows: AllRowsCounts | null
}

/** One column; open, its values. */
export function FieldItem(props: FieldItemProps) {
  const { column, figures, isOpen, onToggle } = props
  return (
    <li>
      <button type="button" className={css['field']} aria-expanded={isOpen} onClick={onToggle}>
        {isOpen ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
        <span className={css['name']}>{column.name}</span>
        <span className={css['type']}>{column.type}</span>
        {figures && (
          <span className={css['figures']}>
            {t.fill(formatShare(figures.fill))} · {t.distinct(formatCount(figures.distinct))}
          </span>
        )}
      </button>
      {isOpen && <Values {...props} />}
    </li>
  )
}

const MOST = 50

function Values({ result, column, timeZone, onEdit, onAllRows, allRows }: FieldItemProps) {
  const [search, setSearch] = useState('')
  const counts = useCounts(result, column.index, search, timeZone)
  const { loaded } = result.state
  const isAll = allRows !== null && !allRows.isLoading && !allRows.error
  const values = isAll ? searched(allRows.values, search) : (counts?.values ?? [])
  const total = isAll ? allRows.values.reduce((sum, { count }) => sum + count, 0) : loaded
  const left = isAll ? 0 : (counts?.distinct ?? 0) - values.length
  return (
    <div className={css['values']}>
      <p className={shared['note']}>{isAll ? t.ofAll : t.ofLoaded(formatCount(loaded))}</p>
      <SearchField label={t.searchValues} value={search} onChange={setSearch} />
      <ValueList column={column} values={values} total={total} onEdit={onEdit} />
      {left > 0 && <p className={shared['note']}>{t.moreValues(formatCount(left))}</p>}
      {allRows?.error && <ErrorState error={allRows.error} />}
      {onAllRows && !isAll && (
        <Button size="small" isPending={allRows?.isLoading ?? false} onPress={() => onAllRows(column.name)}>
          {allRows?.isLoading ? t.counting : t.allRows}
        </Button>
      )}
    </div>
  )
}

function searched(values: AllRowsCounts['values'], search: string): AllRowsCounts['values'] {
  const wanted = search.toLowerCase()
  return values.filter(({ shown }) => shown.toLowerCase().includes(wanted))
}

function useCounts(result: Result, column: number, search: string, timeZone: string): Counts | null {
  const [counts, setCounts] = useState<Counts | null>(null)
  useEffect(() => {
    let isGone = false
    void result
      .ask('counts', column, search, MOST, timeZone)
      .then((found) => !isGone && setCounts(found))
      .catch(() => undefined)
    return () => {
      isGone = true
    }
  }, [result, column, search, timeZone])
  return counts
}
