import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/grid'
import { formatCount } from '@/lib/format'
import { Button, Loading, SearchField } from '@/ui'
import type { RecordCell, Result, ResultColumn } from '@/workers/result'
import type { OnEdit } from '../edits'
import css from './details.module.css'
import { FieldRow } from './FieldRow'

export interface RowDetailsProps {
  readonly result: Result
  readonly row: number
  readonly timeZone: string
  readonly onEdit?: OnEdit | undefined
  /** Whether dynamic values begin open. */
  readonly areOpen?: boolean
}

/** Fields that are read at once; the others come when one asks, or searches for them. */
const STEP = 100
/** From so many fields on there is a search among them. */
const MANY = 20

/** A row as a table of its fields; dynamic values open where they stand. */
export function RowDetails({ result, row, timeZone, onEdit, areOpen = false }: RowDetailsProps) {
  const { columns } = result.state
  const [search, setSearch] = useState('')
  const [most, setMost] = useState(STEP)
  const wanted = matching(columns, search)
  const cells = useRecord(result, row, wanted.slice(0, most), timeZone)
  const left = wanted.length - most
  return (
    <div className={css['record']}>
      {columns.length > MANY && (
        <SearchField label={t.searchFields} value={search} onChange={setSearch} className={css['search']} />
      )}
      {cells ? (
        <table className={css['fields']}>
          <thead className={css['hidden']}>
            <tr>
              <th scope="col">{t.field}</th>
              <th scope="col">{t.value}</th>
            </tr>
          </thead>
          <tbody>
            {cells.map((cell) => (
              <FieldRow
                key={cell.column}
                result={result}
                row={row}
                column={columns[cell.column]!}
                cell={cell}
                onEdit={onEdit}
                isOpen={areOpen}
              />
            ))}
          </tbody>
        </table>
      ) : (
        <Loading />
      )}
      {left > 0 && (
        <Button size="small" onPress={() => setMost(most + STEP)}>
          {t.moreFields(formatCount(Math.min(left, STEP)))}
        </Button>
      )}
    </div>
  )
}

function matching(columns: readonly ResultColumn[], search: string): readonly number[] {
  const text = search.toLowerCase()
  return columns.flatMap(({ name }, index) => (name.toLowerCase().includes(text) ? [index] : []))
}

/** The cells of some columns of a row; `null` until they are here. */
function useRecord(
  result: Result,
  row: number,
  columns: readonly number[],
  timeZone: string,
): readonly RecordCell[] | null {
  const [cells, setCells] = useState<readonly RecordCell[] | null>(null)
  const wanted = columns.join()
  useEffect(() => {
    let isGone = false
    const indexes = wanted === '' ? [] : wanted.split(',').map(Number)
    void result
      .ask('record', row, indexes, timeZone)
      .then((found) => !isGone && setCells(found))
      .catch(() => undefined)
    return () => {
      isGone = true
    }
  }, [result, row, wanted, timeZone])
  return cells
}
