import { useState } from 'react'
import type { ApiError } from '@/api/client'
import type { OnEdit } from '@/grid'
import shared from '@/grid/values.module.css'
import { t } from '@/i18n/en/fields'
import { formatCount } from '@/lib/format'
import { SearchField } from '@/ui'
import { useResultState, type Count, type Result } from '@/workers/result'
import { FieldItem } from './FieldItem'
import css from './fields.module.css'
import { useFields } from './useFields'

/** Value counts of a column over all rows of the query, as the page's run gives them. */
export interface AllRowsCounts {
  readonly column: string
  readonly values: readonly Count[]
  readonly isLoading: boolean
  readonly error: ApiError | null
}

export interface FieldsPaneProps {
  /** Nothing without a result but a hint. */
  readonly result: Result | null
  readonly timeZone: string
  readonly onEdit?: OnEdit | undefined
  /** Asks for a column's values over all rows; they come as `allRows`. */
  readonly onAllRows?: ((column: string) => void) | undefined
  readonly allRows?: AllRowsCounts | null
}

/** Fields that are listed at once; more are found by name. */
const MOST = 200

/** The columns of a result: how full they are, and which values they hold. */
export function FieldsPane({ result, ...rest }: FieldsPaneProps) {
  if (!result) return <p className={shared['note']}>{t.none}</p>
  return <Fields key={result.number} result={result} {...rest} />
}

function Fields({
  result,
  timeZone,
  onEdit,
  onAllRows,
  allRows,
}: FieldsPaneProps & { readonly result: Result }) {
  const state = useResultState(result)
  const [search, setSearch] = useState('')
  const [open, setOpen] = useState<string | null>(null)
  const wanted = search.toLowerCase()
  const matching = state.columns.flatMap((column, index) =>
    column.name.toLowerCase().includes(wanted) ? [{ ...column, index }] : [],
  )
  const listed = matching.slice(0, MOST)
  const figures = useFields(result, state, listed)
  return (
    <section className={css['fields']} aria-label={t.fields}>
      <SearchField label={t.search} value={search} onChange={setSearch} />
      {matching.length === 0 && wanted !== '' && <p className={shared['note']}>{t.noneFound}</p>}
      <ul className={css['list']}>
        {listed.map((column) => (
          <FieldItem
            key={column.name}
            result={result}
            column={column}
            figures={figures.get(column.index)}
            timeZone={timeZone}
            isOpen={open === column.name}
            onToggle={() => setOpen(open === column.name ? null : column.name)}
            onEdit={onEdit}
            onAllRows={onAllRows}
            allRows={allRows?.column === column.name ? allRows : null}
          />
        ))}
      </ul>
      {matching.length > MOST && (
        <p className={shared['note']}>{t.moreFields(formatCount(matching.length - MOST))}</p>
      )}
    </section>
  )
}
