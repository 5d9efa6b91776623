import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/logs'
import { useResultState, type Result } from '@/workers/result'
import type { RunState } from '../run/state'
import { NoRows } from './NoRows'
import styles from './results.module.css'

const ROWS_AT_ONCE = 200

/** The first rows as a table. */
export function RowsView({ run, result }: { readonly run: RunState; readonly result: Result }) {
  const state = useResultState(result)
  const [rows, setRows] = useState<readonly (readonly (string | null)[])[]>([])
  const count = Math.min(state.loaded, ROWS_AT_ONCE)
  const width = state.columns.length
  useEffect(() => {
    const cells = Array.from({ length: count }, (_, row) =>
      Promise.all(Array.from({ length: width }, (_column, column) => result.text(row, column))),
    )
    Promise.all(cells).then(setRows, () => undefined)
  }, [result, count, width])
  if (run.status === 'done' && state.isComplete && state.loaded === 0) return <NoRows run={run} />
  return (
    <div className={styles['scroll']}>
      <table className={styles['facts']} aria-label={t.results.label}>
        <thead>
          <tr>
            {state.columns.map((column) => (
              <th key={column.name} scope="col">
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- rows have no other name
            <tr key={index}>
              {row.map((text, column) => (
                <td key={state.columns[column]?.name ?? column}>{text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
