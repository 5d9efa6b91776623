import { useQuery } from '@tanstack/react-query'
import { t } from '@/i18n/en/logs'
import { EmptyState } from '@/ui/EmptyState'
import { currentEditor } from '../editor/handle'
import { metadataQuery, type MetadataTable } from '../schema/metadata'
import { queryName } from '../schema/search'
import { useTabs } from '../tabs/store'
import styles from './results.module.css'

/** Nothing was run yet: queries for what is there, or how to have something there. */
export function FirstVisit() {
  const workspace = useTabs((state) => state.workspace)
  const { data } = useQuery(metadataQuery([workspace]))
  if (!data) return null
  const queries = suggest(data.tables)
  if (queries.length === 0) {
    return <EmptyState title={t.results.noTables} text={t.results.noTablesText(workspace)} />
  }
  return (
    <EmptyState
      title={t.results.first}
      text={
        <>
          <p>{t.results.firstText}</p>
          <p>{t.results.suggestions}</p>
          <ul className={styles['suggestions']}>
            {queries.map((query) => (
              <li key={query}>
                <button type="button" className={styles['suggestion']} onClick={() => take(query)}>
                  {query}
                </button>
              </li>
            ))}
          </ul>
        </>
      }
    />
  )
}

const MOST = 3
const GROUPED_BY = ['Computer', 'Host', 'HostName', 'Category', 'OperationName', '_ResourceId']

/** A first question for each of some tables with records: counted by what tells their sources apart. */
export function suggest(tables: readonly MetadataTable[]): string[] {
  return tables
    .filter((table) => table.hasData)
    .slice(0, MOST)
    .map((table) => {
      const name = queryName(table.name)
      const column = GROUPED_BY.find((group) => table.columns.some((one) => one.name === group))
      return column ? `${name}\n| summarize count() by ${column}\n| top 20 by count_` : `${name}\n| take 100`
    })
}

function take(query: string): void {
  const editor = currentEditor()
  if (!editor) return
  const { length } = editor.getText()
  const gap = length === 0 ? '' : '\n\n'
  editor.replace({ start: length, end: length }, gap + query)
  editor.select({ start: length + gap.length, end: length + gap.length })
}
