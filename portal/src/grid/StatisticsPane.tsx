import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/grid'
import { formatCount, formatShare } from '@/lib/format'
import { cx, KeyValues, Loading } from '@/ui'
import type { Result, Statistics } from '@/workers/result'
import type { ShownColumn } from './layout'
import css from './panes.module.css'
import shared from './values.module.css'

export interface StatisticsPaneProps {
  readonly result: Result
  readonly view: number
  readonly column: ShownColumn
  readonly timeZone: string
}

/** Figures of a column over the rows that the grid shows. */
export function StatisticsPane({ result, view, column, timeZone }: StatisticsPaneProps) {
  const [found, setFound] = useState<Statistics | null>(null)
  useEffect(() => {
    let isGone = false
    void result
      .ask('statistics', view, column.index, timeZone)
      .then((statistics) => !isGone && setFound(statistics))
      .catch(() => undefined)
    return () => {
      isGone = true
    }
  }, [result, view, column.index, timeZone])
  if (!found) return <Loading />
  return (
    <div className={css['pane']}>
      <p className={shared['note']}>{t.ofLoaded(formatCount(result.state.loaded))}</p>
      <KeyValues items={figures(found)} />
      <h3 className={css['title']}>{t.top}</h3>
      <ul className={css['list']}>
        {found.top.map(({ text, shown, count }) => (
          <li key={text ?? '\0null'} className={css['value']}>
            <span className={cx(shared['text'], text === '' && shared['none'])}>
              {text === '' ? t.emptyValue : shown.slice(0, 200)}
            </span>
            <span className={shared['count']}>
              {formatCount(count)} · {formatShare(count / found.rows)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function figures(found: Statistics): [string, string][] {
  const all: [string, string | null][] = [
    [t.count, formatCount(found.rows)],
    [t.distinct, formatCount(found.distinct)],
    [t.nulls, formatCount(found.nulls)],
    [t.emptyTexts, found.empty > 0 ? formatCount(found.empty) : null],
    [t.min, found.min],
    [t.max, found.max],
    [t.sum, found.sum],
    [t.mean, found.mean],
  ]
  return all.flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]]))
}
