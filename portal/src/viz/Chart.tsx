/** A chart as `render` asks for it: picture, legend, notes, and the table of the same rows. Props only. */

import { useImperativeHandle, useMemo, useRef, useState, type Ref } from 'react'
import { t } from '@/i18n/en/viz'
import styles from './chart.module.css'
import { describeChart, type ChartDescription } from './describe'
import { exportPicture, exportSvg } from './export'
import { formatValue, localZone, type Unit } from './format'
import { Legend, type LegendEntry } from './Legend'
import { ColorMemory, styleOf, type Look } from './palette'
import { Cards, NodeList, PivotGrid, TimePivot } from './Parts'
import { Picture } from './Picture'
import { RangeFields } from './RangeFields'
import type { Render } from './render'
import type { OptionChoice, Threshold } from './render-to-option'
import { summarize } from './summary'
import { CHART_ROWS, type ChartTable } from './table'
import { TwinTable } from './TwinTable'
import { useLook } from './use-look'

export interface ChartHandle {
  toPng: () => Promise<Blob>
  toSvg: () => Promise<Blob>
}

export interface ChartProps {
  readonly table: ChartTable
  readonly render: Render
  /** What it is called where its own title says nothing. */
  readonly label?: string
  /** Height in pixels; without one the chart fills what it stands in. */
  readonly height?: number
  readonly unit?: Unit
  readonly thresholds?: readonly Threshold[]
  readonly timeZone?: string
  /** Charts of one group show the same moment. */
  readonly group?: string
  /** Called with the range of time that was selected by a drag or in the two fields. */
  readonly onBrush?: (range: { readonly from: Date; readonly to: Date }) => void
  /** Called with the row, by column, whose mark was clicked. */
  readonly onPick?: (row: Readonly<Record<string, unknown>>) => void
  readonly ref?: Ref<ChartHandle>
}

const NO_THRESHOLDS: readonly Threshold[] = []
/** A legend of one says nothing; slices are always named. */
const LEGEND_FROM = 2

export function Chart({
  table,
  render,
  label,
  height,
  unit = 'number',
  thresholds = NO_THRESHOLDS,
  timeZone = localZone(),
  group,
  onBrush,
  onPick,
  ref,
}: ChartProps) {
  const frame = useRef<HTMLElement>(null)
  const look = useLook(frame)
  const [memory] = useState(() => new ColorMemory())
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const [isTable, setTable] = useState(false)
  const chart = useMemo(() => describeChart(table, render), [table, render])
  const choice = useMemo<OptionChoice | null>(
    () =>
      look && {
        look,
        timeZone,
        unit,
        thresholds,
        isAlone: false,
        colorOf: (name) => memory.indexOf(name),
        isHidden: (name) => hidden.has(name),
      },
    [look, timeZone, unit, thresholds, memory, hidden],
  )
  useImperativeHandle(ref, () => ({
    toPng: () => exportPicture(frame.current, choice),
    toSvg: () => exportSvg(frame.current, chart, choice),
  }))
  const summary = useMemo(() => summarize(chart, timeZone, unit), [chart, timeZone, unit])
  const title = render.title ?? label ?? summary
  const pickRow =
    onPick &&
    ((row: number) =>
      onPick(Object.fromEntries(table.columns.map((column) => [column.name, column.values[row]]))))
  const canRange = onBrush && chart.draw === 'axes' && chart.axis === 'time' && !isTable
  const entries = choice && !isTable ? legendOf(chart, choice, look) : []
  const notes = table.rowCount > CHART_ROWS ? [...chart.notes, 'rowsCut' as const] : chart.notes
  return (
    <figure
      ref={frame}
      className={styles['chart']}
      style={height ? { height } : undefined}
      data-kind={render.visualization}
    >
      <figcaption>
        {render.title && <b>{render.title}</b>}
        {notes.map((note) => (
          <small key={note}>{t.notes[note]}</small>
        ))}
        <span className={styles['tools']} data-screen-only>
          {canRange && <RangeFields chart={chart} timeZone={timeZone} onBrush={onBrush} />}
          {chart.draw !== 'table' && (
            <button type="button" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
              {isTable ? t.asChart : t.asTable}
            </button>
          )}
        </span>
      </figcaption>
      <div className={styles['body']} data-aside={chart.draw === 'pie' || chart.draw === 'graph'}>
        {isTable || chart.draw === 'table' ? (
          <TwinTable table={table} title={title} timeZone={timeZone} onPick={pickRow} />
        ) : (
          choice && (
            <Body
              chart={chart}
              choice={choice}
              summary={summary}
              group={group}
              onPick={pickRow}
              onBrush={
                onBrush &&
                ((from, to) => onBrush({ from: new Date(Math.floor(from)), to: new Date(Math.ceil(to)) }))
              }
            />
          )
        )}
        {entries.length > 0 && <Legend entries={entries} onChange={setHidden} />}
      </div>
    </figure>
  )
}

interface BodyProps {
  readonly chart: ChartDescription
  readonly choice: OptionChoice
  readonly summary: string
  readonly group: string | undefined
  readonly onPick: ((row: number) => void) | undefined
  readonly onBrush: ((from: number, to: number) => void) | undefined
}

function Body(props: BodyProps) {
  const { chart, choice } = props
  switch (chart.draw) {
    case 'card':
      return <Cards chart={chart} unit={choice.unit} thresholds={choice.thresholds} />
    case 'pivot':
      return <PivotGrid chart={chart} unit={choice.unit} />
    case 'timepivot':
      return <TimePivot chart={chart} timeZone={choice.timeZone} />
    case 'graph':
      return (
        <>
          <Picture {...props} />
          <NodeList chart={chart} />
        </>
      )
    default:
      return <Picture {...props} />
  }
}

function legendOf(chart: ChartDescription, choice: OptionChoice, look: Look | null): LegendEntry[] {
  if (!look || chart.render.legend === 'hidden') return []
  const entry = (name: string, values?: readonly string[]): LegendEntry => ({
    name,
    style: styleOf(look, choice.colorOf(name)),
    isHidden: choice.isHidden(name),
    ...(values ? { values } : {}),
  })
  if (chart.draw === 'pie') {
    return chart.slices.map(({ name, value }) =>
      entry(name, [
        formatValue(value, choice.unit),
        formatValue(Math.round((1000 * value) / chart.total) / 10, 'percent'),
      ]),
    )
  }
  if (chart.draw !== 'axes' || chart.series.length < LEGEND_FROM) return []
  return chart.series.map(({ name }) => entry(name))
}
