import { ChevronDown, ChevronUp, History, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { RowDetails, type OnEdit, type StepRow } from '@/grid'
import { t } from '@/i18n/en/details'
import { formatCount } from '@/lib/format'
import { Button, CodeBlock, IconButton, Loading, Tabs } from '@/ui'
import type { Result } from '@/workers/result'
import css from './details.module.css'
import { useSurrounding, type Surrounding } from './surrounding'

export interface DetailsPaneProps {
  readonly result: Result
  readonly row: number
  readonly timeZone: string
  /** The row before or after in the grid's order; without it, in the order in which rows came. */
  readonly step?: StepRow | undefined
  readonly onMove: (row: number) => void
  readonly onClose: () => void
  readonly onEdit?: OnEdit | undefined
  /** Asks for the rows around this one in time. */
  readonly onSurrounding?: ((surrounding: Surrounding) => void) | undefined
}

/** A row beside the grid: as a table, a tree, JSON, or plain text. It stays open while one goes from row to row. */
export function DetailsPane(props: DetailsPaneProps) {
  const { result, row, timeZone, step, onMove, onClose, onEdit, onSurrounding } = props
  const [view, setView] = useState('table')
  const surrounding = useSurrounding(result, row)
  const go = async (by: 1 | -1) => {
    const next = step ? await step(row, by) : row + by
    if (next !== null && next >= 0 && next < result.state.loaded) onMove(next)
  }
  const fields = (areOpen: boolean) => (
    <RowDetails key={row} result={result} row={row} timeZone={timeZone} onEdit={onEdit} areOpen={areOpen} />
  )
  return (
    <aside className={css['pane']} aria-label={t.label}>
      <header className={css['head']}>
        <h2 className={css['title']}>{t.title(formatCount(row + 1))}</h2>
        <IconButton
          size="small"
          label={t.previous}
          icon={<ChevronUp aria-hidden />}
          onPress={() => void go(-1)}
        />
        <IconButton
          size="small"
          label={t.next}
          icon={<ChevronDown aria-hidden />}
          onPress={() => void go(1)}
        />
        <IconButton size="small" label={t.close} icon={<X aria-hidden />} onPress={onClose} />
      </header>
      {surrounding && onSurrounding && (
        <Button size="small" icon={<History aria-hidden />} onPress={() => onSurrounding(surrounding)}>
          {surrounding.by ? t.surroundingOf(surrounding.by.column) : t.surrounding}
        </Button>
      )}
      <Tabs
        label={t.views}
        selected={view}
        onChange={setView}
        items={[
          { id: 'table', label: t.table, content: fields(false) },
          { id: 'tree', label: t.tree, content: fields(true) },
          { id: 'json', label: t.json, content: <RowText result={result} row={row} format="json" /> },
          { id: 'raw', label: t.raw, content: <RowText result={result} row={row} format="raw" /> },
        ]}
      />
    </aside>
  )
}

function RowText({
  result,
  row,
  format,
}: {
  readonly result: Result
  readonly row: number
  readonly format: 'json' | 'raw'
}) {
  const [text, setText] = useState<string | null>(null)
  useEffect(() => {
    let isGone = false
    void result
      .ask('recordText', row, format)
      .then((found) => !isGone && setText(found))
      .catch(() => undefined)
    return () => {
      isGone = true
    }
  }, [result, row, format])
  if (text === null) return <Loading />
  return <CodeBlock code={text} label={format === 'json' ? t.json : t.raw} isWrapped />
}
