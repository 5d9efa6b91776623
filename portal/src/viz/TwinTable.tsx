import { t } from '@/i18n/en/viz'
import styles from './parts.module.css'
import { formatMoment } from './format'
import { isNumeric, readText, readTime, type ChartTable, type FilledColumn } from './table'
import { ScrollRegion } from './ScrollRegion'

const SHOWN_ROWS = 500

interface Props {
  readonly table: ChartTable
  readonly title: string
  readonly timeZone: string
  readonly onPick?: ((row: number) => void) | undefined
}

/** The chart's rows as a plain table: what the picture shows, for those who can't or won't look at it. */
export function TwinTable({ table, title, timeZone, onPick }: Props) {
  const rows = Array.from({ length: Math.min(SHOWN_ROWS, table.rowCount) }, (_, row) => row)
  return (
    <ScrollRegion className={styles['twin']} label={t.tableOf(title)}>
      <table>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.name} scope="col">
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={row}
              className={onPick && styles['picked']}
              {...(onPick
                ? {
                    tabIndex: 0,
                    onClick: () => onPick(row),
                    onKeyDown: (event) => event.key === 'Enter' && onPick(row),
                  }
                : {})}
            >
              {table.columns.map((column) => (
                <td key={column.name} className={isNumeric(column) ? styles['number'] : undefined}>
                  {cellText(column, row, timeZone)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {table.rowCount > rows.length && <p>{t.rowsShown(rows.length, table.rowCount)}</p>}
    </ScrollRegion>
  )
}

function cellText(column: FilledColumn, row: number, timeZone: string): string {
  const value = column.values[row]
  const moment = column.type === 'datetime' ? readTime(value) : null
  return moment === null ? readText(value) : formatMoment(moment, timeZone)
}
