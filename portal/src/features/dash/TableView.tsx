/** The rows of an answer, in the grid that results have everywhere. */

import { useState } from 'react'
import { PLAIN_LAYOUT, ResultGrid } from '@/grid'
import { t } from '@/i18n/en/dash'
import css from './dash.module.css'
import type { QueryItem } from './document'
import type { Outcome } from './run'
import { titleOf } from './titles'
import { usePick } from './use-pick'

interface Props {
  readonly item: QueryItem
  readonly outcome: Outcome
}

export function TableView({ item, outcome }: Props) {
  const { result } = outcome
  // It outlives the answer: a dashboard that asks again leaves the columns as somebody has put them.
  const [layout, setLayout] = useState(PLAIN_LAYOUT)
  const pick = usePick(item)
  const [isPainted, setPainted] = useState(false)
  const pickRow = async (row: number, onPick: NonNullable<typeof pick>) => {
    const columns = result.state.columns
    const texts = await Promise.all(columns.map((_, column) => result.text(row, column)))
    onPick(Object.fromEntries(columns.map(({ name }, column) => [name, texts[column] ?? ''])))
  }
  return (
    <div className={css['rows']} data-drawn={isPainted || outcome.table.rowCount === 0}>
      <ResultGrid
        result={result}
        label={t.rowsOf(titleOf(item))}
        density="compact"
        layout={layout}
        onLayoutChange={setLayout}
        isLive
        onFirstPaint={() => setPainted(true)}
        {...(pick ? { pick: { label: t.pickRow, onPick: (row) => void pickRow(row, pick) } } : {})}
      />
    </div>
  )
}
