import { Image, Pin, Settings2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { usePin } from '@/app/pin'
import { t } from '@/i18n/en/logs'
import { t as words } from '@/i18n/en/results'
import { useTimeZone } from '@/lib/preferences'
import { saveFile } from '@/ui/download'
import { EmptyState } from '@/ui/EmptyState'
import { IconButton } from '@/ui/IconButton'
import { Loading } from '@/ui/Loading'
import { Menu } from '@/ui/Menu'
import { toast } from '@/ui/toast'
import {
  Chart,
  CHART_ROWS,
  ChartSettings,
  proposeChart,
  readRender,
  type ChartHandle,
  type ChartTable,
  type Render,
} from '@/viz'
import { type Result, useResultState } from '@/workers/result'
import { currentEditor } from '../editor/handle'
import { placeInText } from '../run/place'
import { setTimespan } from '../run/range'
import type { RunState } from '../run/state'
import { titleOf, type Tab } from '../tabs/tab'
import { useChartEdits } from './chart-edits'
import { renderLengthAt, renderSpan } from './render-line'
import styles from './results.module.css'

interface ChartViewProps {
  readonly tab: Tab
  readonly run: RunState
  readonly result: Result
}

/** The result as `render` says, or as its columns propose; its look is changed without running again. */
export function ChartView({ tab, run, result }: ChartViewProps) {
  const timeZone = useTimeZone()
  const state = useResultState(result)
  const table = useChartTable(result, state.isComplete)
  const handle = useRef<ChartHandle>(null)
  const { edits, edit } = useChartEdits()
  const [isEditing, setEditing] = useState(false)
  const pin = usePin()
  const asked = run.render ? readRender(run.render) : proposeChart(state.columns)
  const render = edits[run.id ?? ''] ?? asked
  if (!render) return <EmptyState title={t.results.noChart} text={t.results.noChartText} />
  if (!table) return <Loading />
  return (
    <div className={styles['chartView']}>
      <div className={styles['chartTools']}>
        <IconButton
          size="small"
          label={t.results.settings}
          icon={<Settings2 aria-hidden />}
          isActive={isEditing}
          onPress={() => setEditing(!isEditing)}
        />
        <Menu
          label={t.exporting.export}
          placement="bottom end"
          trigger={<IconButton size="small" label={t.results.downloadPng} icon={<Image aria-hidden />} />}
          items={[
            {
              id: 'png',
              label: t.results.downloadPng,
              onAction: () => void save(tab, handle.current?.toPng(), 'png'),
            },
            {
              id: 'svg',
              label: t.results.downloadSvg,
              onAction: () => void save(tab, handle.current?.toSvg(), 'svg'),
            },
          ]}
        />
        <IconButton
          size="small"
          label={t.results.pin}
          icon={<Pin aria-hidden />}
          onPress={() => pin(chartToPin(tab, run, render))}
        />
      </div>
      <div className={styles['chart']}>
        <Chart
          ref={handle}
          table={table}
          render={render}
          timeZone={timeZone}
          onBrush={({ from, to }) => setTimespan(from, to)}
        />
      </div>
      {isEditing && (
        <aside className={styles['chartSettings']} aria-label={t.results.settings}>
          <ChartSettings
            columns={state.columns}
            render={render}
            onChange={(next) => edit(run.id ?? '', next)}
            onWriteBack={(line) => writeRender(run, line)}
          />
        </aside>
      )}
    </div>
  )
}

/** The chart as a dashboard keeps it: with the query that was run and what was changed here of its look. */
function chartToPin(tab: Tab, run: RunState, render: Render) {
  const { query, workspaces, timespan } = run
  return {
    title: render.title ?? titleOf(tab),
    query,
    visual: render,
    scope: { workspaces },
    ...(timespan ? { timeRange: timespan } : {}),
  }
}

/** The rows as charts read them, once they are all there. */
function useChartTable(result: Result, isComplete: boolean): ChartTable | null {
  const [table, setTable] = useState<{ of: Result; table: ChartTable } | null>(null)
  useEffect(() => {
    if (!isComplete) return
    let isGone = false
    const { columns, loaded } = result.state
    const rowCount = Math.min(loaded, CHART_ROWS)
    result
      .values(
        columns.map((_, index) => index),
        0,
        rowCount,
      )
      .then(
        (values) => {
          if (isGone) return
          const filled = columns.map((column, index) => ({ ...column, values: values[index] ?? [] }))
          setTable({ of: result, table: { columns: filled, rowCount } })
        },
        () => undefined, // The result was closed: another one is shown.
      )
    return () => {
      isGone = true
    }
  }, [result, isComplete])
  return table?.of === result ? table.table : null
}

/** Puts the render line at the query's end, in place of the one that is there. */
function writeRender(run: RunState, line: string): void {
  const editor = currentEditor()
  const place = editor && placeInText(run, renderSpan(run.query), editor.getText())
  if (!editor || !place) {
    toast({ title: words.textChanged, tone: 'danger' })
    return
  }
  const { start } = place
  // What was written back before stands behind what was run.
  const end = place.end + renderLengthAt(editor.getText(), place.end)
  const text = `\n| ${line.replace(/^\|\s*/, '')}`
  editor.replace({ start, end }, text, { flash: { start: start + 1, end: start + text.length } })
}

async function save(tab: Tab, made: Promise<Blob> | undefined, ending: string): Promise<void> {
  const blob = await made
  if (blob) saveFile(`${titleOf(tab) || 'chart'}.${ending}`, blob)
}
