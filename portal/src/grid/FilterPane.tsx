import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/grid'
import { formatCount } from '@/lib/format'
import { Button, Checkbox, cx, SearchField, TextField } from '@/ui'
import type { ColumnFilter, Counts, Result } from '@/workers/result'
import type { ShownColumn } from './layout'
import type { OnEdit } from './edits'
import css from './panes.module.css'
import shared from './values.module.css'

export interface FilterPaneProps {
  readonly result: Result
  readonly column: ShownColumn
  readonly present: ColumnFilter | undefined
  readonly timeZone: string
  readonly onChange: (filter: ColumnFilter | null) => void
  readonly onEdit: OnEdit | undefined
  readonly onClose: () => void
}

const RANGED: ReadonlySet<string> = new Set(['int', 'long', 'real', 'decimal', 'datetime', 'timespan'])
const MOST_VALUES = 200

/** A column's filter over the loaded rows: a text, some of its values, or a range. */
export function FilterPane({
  result,
  column,
  present,
  timeZone,
  onChange,
  onEdit,
  onClose,
}: FilterPaneProps) {
  const [text, setText] = useState(present?.op === 'contains' ? present.text : '')
  const [from, setFrom] = useState(present?.op === 'range' ? present.from : '')
  const [to, setTo] = useState(present?.op === 'range' ? present.to : '')
  const [chosen, setChosen] = useState<ReadonlySet<string | null>>(
    new Set(present?.op === 'in' ? present.values : []),
  )
  const apply = () => {
    onChange(filterOf(column.name, text, from, to, chosen))
    onClose()
  }
  const inQuery = () => {
    const value = chosen.size > 0 ? [...chosen][0]! : text
    onEdit?.({
      op: chosen.size > 0 ? 'filterTo' : 'contains',
      column: column.name,
      type: column.type,
      value,
      isImmediate: false,
    })
    onClose()
  }
  const canEdit = onEdit && (chosen.size === 1 || (chosen.size === 0 && text !== ''))
  return (
    <form
      className={css['pane']}
      onSubmit={(event) => {
        event.preventDefault()
        apply()
      }}
    >
      <p className={shared['note']}>{t.ofLoaded(formatCount(result.state.loaded))}</p>
      <TextField label={t.containsLabel} value={text} onChange={setText} autoFocus />
      {RANGED.has(column.type) && (
        <div className={css['pair']}>
          <TextField label={t.from} value={from} onChange={setFrom} isCode />
          <TextField label={t.to} value={to} onChange={setTo} isCode />
        </div>
      )}
      <Values result={result} column={column} timeZone={timeZone} chosen={chosen} onChange={setChosen} />
      <div className={css['actions']}>
        <Button type="submit" variant="primary" size="small">
          {t.apply}
        </Button>
        {present && (
          <Button
            size="small"
            onPress={() => {
              onChange(null)
              onClose()
            }}
          >
            {t.liftFilter}
          </Button>
        )}
        {canEdit && (
          <Button size="small" variant="quiet" onPress={inQuery}>
            {t.inQuery}
          </Button>
        )}
      </div>
    </form>
  )
}

function filterOf(
  column: string,
  text: string,
  from: string,
  to: string,
  chosen: ReadonlySet<string | null>,
): ColumnFilter | null {
  if (chosen.size > 0) return { column, op: 'in', values: [...chosen] }
  if (from !== '' || to !== '') return { column, op: 'range', from, to }
  return text === '' ? null : { column, op: 'contains', text }
}

interface ValuesProps {
  readonly result: Result
  readonly column: ShownColumn
  readonly timeZone: string
  readonly chosen: ReadonlySet<string | null>
  readonly onChange: (chosen: ReadonlySet<string | null>) => void
}

function Values({ result, column, timeZone, chosen, onChange }: ValuesProps) {
  const [search, setSearch] = useState('')
  const [counts, setCounts] = useState<Counts | null>(null)
  useEffect(() => {
    let isGone = false
    void result
      .ask('counts', column.index, search, MOST_VALUES, timeZone)
      .then((found) => !isGone && setCounts(found))
      .catch(() => undefined)
    return () => {
      isGone = true
    }
  }, [result, column.index, search, timeZone])
  const toggle = (value: string | null) => {
    const next = new Set(chosen)
    if (!next.delete(value)) next.add(value)
    onChange(next)
  }
  return (
    <fieldset className={css['values']}>
      <legend>{t.values}</legend>
      <SearchField label={t.searchValues} value={search} onChange={setSearch} />
      <ul className={css['list']}>
        {counts?.values.map(({ text, shown, count }) => (
          <li key={text ?? '\0null'}>
            <Checkbox isSelected={chosen.has(text)} onChange={() => toggle(text)}>
              <span className={css['value']}>
                <span className={cx(shared['text'], (text === '' || text === null) && shared['none'])}>
                  {text === '' ? t.emptyValue : shown.slice(0, 200)}
                </span>
                <span className={shared['count']}>{formatCount(count)}</span>
              </span>
            </Checkbox>
          </li>
        ))}
      </ul>
    </fieldset>
  )
}
