import { Columns3 } from 'lucide-react'
import { useState } from 'react'
import { t } from '@/i18n/en/grid'
import { formatCount } from '@/lib/format'
import { Button, Checkbox, Popover, SearchField } from '@/ui'
import type { ResultColumn } from '@/workers/result'
import { hide, show, type GridLayout } from './layout'
import css from './panes.module.css'
import shared from './values.module.css'

export interface ColumnChooserProps {
  readonly columns: readonly ResultColumn[]
  readonly layout: GridLayout
  readonly onChange: (layout: GridLayout) => void
}

/** Columns that are listed at once; more are found by their names. */
const MOST = 200

/** Which columns are shown, with a search over their names. */
export function ColumnChooser(props: ColumnChooserProps) {
  return (
    <Popover
      label={t.columns}
      placement="bottom end"
      trigger={
        <Button size="small" variant="quiet" icon={<Columns3 aria-hidden />}>
          {t.columns}
        </Button>
      }
    >
      <Choice {...props} />
    </Popover>
  )
}

function Choice({ columns, layout, onChange }: ColumnChooserProps) {
  const [search, setSearch] = useState('')
  const hidden = new Set(layout.hidden)
  const wanted = search.toLowerCase()
  const matching = columns.filter(({ name }) => name.toLowerCase().includes(wanted))
  const names = matching.map(({ name }) => name)
  const shownCount = columns.filter(({ name }) => !hidden.has(name)).length
  return (
    <div className={css['pane']}>
      <SearchField label={t.searchColumns} value={search} onChange={setSearch} autoFocus />
      <p className={shared['note']}>{t.shownColumns(formatCount(shownCount), formatCount(columns.length))}</p>
      <div className={css['actions']}>
        <Button size="small" onPress={() => onChange(show(layout, names))}>
          {t.showAll}
        </Button>
        <Button size="small" onPress={() => onChange(hide(layout, names))}>
          {t.hideAll}
        </Button>
      </div>
      <ul className={css['list']}>
        {matching.slice(0, MOST).map(({ name, type }) => (
          <li key={name}>
            <Checkbox
              isSelected={!hidden.has(name)}
              onChange={(isShown) => onChange(isShown ? show(layout, [name]) : hide(layout, [name]))}
            >
              <span className={css['value']}>
                <span className={shared['text']}>{name}</span>
                <span className={shared['count']}>{type}</span>
              </span>
            </Checkbox>
          </li>
        ))}
      </ul>
      {matching.length > MOST && (
        <p className={shared['note']}>{t.moreColumns(formatCount(matching.length - MOST))}</p>
      )}
    </div>
  )
}
