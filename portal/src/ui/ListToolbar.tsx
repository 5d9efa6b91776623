import { Columns3, Download } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import { t } from '@/i18n/en/ui'
import { csvText } from '@/lib/format'
import { usePreferences } from '@/lib/preferences'
import { Checkbox } from './Checkbox'
import { saveFile } from './download'
import { IconButton } from './IconButton'
import type { ListColumn } from './list'
import css from './ListTable.module.css'
import { Popover } from './Popover'
import { SearchField } from './SearchField'

interface ListToolbarProps<T> {
  readonly label: string
  readonly columns: readonly ListColumn<T>[]
  readonly visible: readonly ListColumn<T>[]
  readonly rows: readonly T[]
  readonly total: number
  readonly filter: string
  readonly onFilter: (filter: string) => void
  readonly tools: ReactNode
}

/** Milliseconds of stillness after which a typed filter goes into the address. */
const PAUSE = 250

export function ListToolbar<T>({
  label,
  columns,
  visible,
  rows,
  total,
  filter,
  onFilter,
  tools,
}: ListToolbarProps<T>) {
  const [typed, setTyped] = useState(filter)
  const [known, setKnown] = useState(filter)
  if (filter !== known) {
    // The address changed by itself: back, forward, a link.
    setKnown(filter)
    setTyped(filter)
  }
  useEffect(() => {
    if (typed === known) return
    const timer = setTimeout(() => {
      setKnown(typed)
      onFilter(typed)
    }, PAUSE)
    return () => clearTimeout(timer)
  }, [typed, known, onFilter])

  function save() {
    const lines = rows.map((row) => visible.map((column) => column.value(row)))
    const text = csvText([visible.map((column) => column.label), ...lines])
    saveFile(`${label}.csv`, new Blob([text], { type: 'text/csv' }))
  }

  return (
    <div className={css['toolbar']}>
      <SearchField label={t.filter} value={typed} onChange={setTyped} className={css['filter']} />
      <span className={css['count']} role="status">
        {t.ofRows(rows.length, total)}
      </span>
      {tools}
      <ColumnChooser label={label} columns={columns} visible={visible} />
      <IconButton label={t.download} icon={<Download aria-hidden />} onPress={save} />
    </div>
  )
}

interface ColumnChooserProps<T> {
  readonly label: string
  readonly columns: readonly ListColumn<T>[]
  readonly visible: readonly ListColumn<T>[]
}

function ColumnChooser<T>({ label, columns, visible }: ColumnChooserProps<T>) {
  const kept = usePreferences((preferences) => preferences.columns)
  const change = usePreferences((preferences) => preferences.change)
  const chosen = new Set(visible.map((column) => column.id))

  function choose(id: string, isChosen: boolean) {
    const ids = columns.filter((column) => (column.id === id ? isChosen : chosen.has(column.id)))
    change({ columns: { ...kept, [label]: ids.map((column) => column.id) } })
  }

  return (
    <Popover
      label={t.columns}
      placement="bottom end"
      trigger={<IconButton label={t.columns} icon={<Columns3 aria-hidden />} />}
    >
      <div className={css['chooser']}>
        {columns.map((column) => (
          <Checkbox
            key={column.id}
            isSelected={chosen.has(column.id)}
            isDisabled={chosen.size === 1 && chosen.has(column.id)}
            onChange={(isChosen) => choose(column.id, isChosen)}
          >
            {column.label}
          </Checkbox>
        ))}
      </div>
    </Popover>
  )
}
