import { useQuery } from '@tanstack/react-query'
import { ChevronDown, ChevronRight, SquareArrowOutUpRight, SquareFunction } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { t } from '@/i18n/en/logs'
import { Button } from '@/ui/Button'
import { cx } from '@/ui/cx'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { IconButton } from '@/ui/IconButton'
import { Loading } from '@/ui/Loading'
import { SearchField } from '@/ui/SearchField'
import { currentEditor } from '../editor/handle'
import pane from '../pane.module.css'
import { tabStore } from '../tabs/store'
import { scopeQuery, type Metadata } from './metadata'
import { queryName, searchSchema, type FoundTable } from './search'
import styles from './schema.module.css'

/** Tables, columns and functions of the workspaces: a name goes into the query where the cursor is. */
export function SchemaPane({ workspaces }: { readonly workspaces: readonly string[] }) {
  const { data, error, refetch } = useQuery(scopeQuery(workspaces))
  const [text, setText] = useState('')
  const searched = useDeferredValue(text)
  if (error) return <ErrorState error={error} retry={() => void refetch()} />
  if (!data) return <Loading label={t.schema.loading} />
  return (
    <div className={pane['pane']}>
      <SearchField label={t.schema.search} value={text} onChange={setText} className={pane['search']} />
      <div className={pane['tree']}>
        <Found metadata={data} text={searched} />
      </div>
    </div>
  )
}

function Found({ metadata, text }: { readonly metadata: Metadata; readonly text: string }) {
  const [showsAll, setShowsAll] = useState(false)
  const { tables, functions } = searchSchema(metadata, text)
  const heldBy = useMemo(() => countHolders(metadata), [metadata])
  const isSearch = text.trim() !== ''
  const shown = isSearch || showsAll ? tables : tables.filter(({ table }) => table.hasData)
  const hidden = tables.length - shown.length
  if (tables.length + functions.length === 0) {
    return isSearch ? (
      <p className={styles['note']}>{t.schema.noMatch}</p>
    ) : (
      <EmptyState title={t.schema.empty} />
    )
  }
  return (
    <>
      <h2 className={pane['heading']}>{t.schema.tables}</h2>
      <ul className={pane['list']}>
        {shown.map((found) => (
          <TableItem
            key={`${found.table.name}${found.isOpened}`}
            found={found}
            held={heldBy?.get(found.table.id) ?? null}
          />
        ))}
      </ul>
      {!isSearch && (hidden > 0 || showsAll) && (
        <Button size="small" variant="quiet" onPress={() => setShowsAll(!showsAll)}>
          {showsAll ? t.schema.hideWithoutRecords : t.schema.withoutRecords(hidden)}
        </Button>
      )}
      {metadata.conflicts.map(({ table, message }) => (
        <p key={table} className={styles['note']}>
          {t.schema.conflict(table, message)}
        </p>
      ))}
      {functions.length > 0 && <h2 className={pane['heading']}>{t.schema.functions}</h2>}
      <ul className={pane['list']}>
        {functions.map((found) => (
          <li key={found.id} className={pane['row']}>
            <SquareFunction aria-hidden className={styles['icon']} />
            <NameButton name={found.name} text={`${found.name}()`} title={found.displayName ?? found.body} />
            <span className={styles['type']}>({found.parameters ?? ''})</span>
          </li>
        ))}
      </ul>
    </>
  )
}

/** How many of several workspaces have each table, where not all have it; null for a single workspace. */
function countHolders({ tables, workspaces }: Metadata): ReadonlyMap<string, string> | null {
  if (workspaces.length < 2) return null
  const holders = new Map<string, number>()
  for (const { related } of workspaces)
    for (const id of related.tables) holders.set(id, (holders.get(id) ?? 0) + 1)
  return new Map(
    tables.flatMap(({ id }) => {
      const count = holders.get(id) ?? 0
      return count === workspaces.length ? [] : [[id, t.schema.held(count, workspaces.length)]]
    }),
  )
}

interface TableItemProps {
  readonly found: FoundTable
  /** In how many of the workspaces it is, where not in all. */
  readonly held: string | null
}

function TableItem({ found: { table, columns, isOpened }, held }: TableItemProps) {
  const [isOpen, setOpen] = useState(isOpened)
  const { add } = tabStore()
  const Chevron = isOpen ? ChevronDown : ChevronRight
  return (
    <li>
      <div className={cx(pane['row'], styles['row'])} data-empty={!table.hasData}>
        <button
          type="button"
          className={styles['chevron']}
          aria-expanded={isOpen}
          aria-label={t.schema.expand(table.name)}
          onClick={() => setOpen(!isOpen)}
        >
          <Chevron aria-hidden />
        </button>
        <NameButton name={table.name} text={queryName(table.name)} title={table.description ?? table.name} />
        {held && <span className={styles['type']}>{held}</span>}
        <IconButton
          size="small"
          label={t.schema.open(table.name)}
          icon={<SquareArrowOutUpRight aria-hidden />}
          className={pane['action']}
          onPress={() => add({ text: `${queryName(table.name)}\n| take 100` })}
        />
      </div>
      {isOpen && (
        <ul className={pane['list']}>
          {columns.map((column) => (
            <li key={column.name} className={cx(pane['row'], styles['column'])}>
              <NameButton
                name={column.name}
                text={queryName(column.name)}
                title={column.description ?? column.name}
              />
              <span className={styles['type']}>{column.type}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

/** A press puts the name into the query. */
function NameButton({
  name,
  text,
  title,
}: {
  readonly name: string
  readonly text: string
  readonly title: string
}) {
  return (
    <button
      type="button"
      className={cx(pane['name'], styles['name'])}
      title={title}
      aria-label={t.schema.insert(name)}
      onClick={() => {
        const editor = currentEditor()
        editor?.insert(text)
        editor?.focus()
      }}
    >
      {name}
    </button>
  )
}
