/** What a chart shows, before anything is drawn: one description for the picture, its sentence and its table. */

import { chooseColumns } from './columns'
import {
  describeCards,
  describeLadder,
  describePie,
  describePivot,
  describeTimePivot,
  describeTree,
} from './describe-other'
import { describeGraph } from './describe-graph'
import { alignSeries, makeSeries, placesOf, shareSeries, type Series } from './series'
import type { Kind, Render } from './render'
import type { ChartTable } from './table'
import type {
  CardDescription,
  GraphDescription,
  LadderDescription,
  PieDescription,
  PivotDescription,
  TimePivotDescription,
  TreeDescription,
} from './describe-other'

export interface AxesDescription {
  readonly draw: 'axes'
  readonly shape: 'line' | 'area' | 'bar' | 'point'
  readonly isLying: boolean
  readonly stack: 'none' | 'sum' | 'share'
  readonly axis: 'time' | 'value' | 'category'
  readonly places: readonly string[]
  readonly series: readonly Series[]
  readonly xName: string
  readonly xType: string
  readonly yNames: readonly string[]
  readonly yType: string
  readonly split: Render['ySplit']
  /** What the panels are of, where there are panels: y columns or names of series. */
  readonly panels: readonly string[]
}

export interface TableDescription {
  readonly draw: 'table'
}

export type ChartDescription = { readonly render: Render; readonly notes: readonly Note[] } & (
  | AxesDescription
  | PieDescription
  | TreeDescription
  | CardDescription
  | LadderDescription
  | PivotDescription
  | TimePivotDescription
  | GraphDescription
  | TableDescription
)

/** What a reader must know about what is not drawn. */
export type Note = 'noRows' | 'noNumbers' | 'plotly' | 'map' | 'topSeries' | 'panelsCut' | 'rowsCut'

const SHAPES: Partial<Record<Kind, AxesDescription['shape']>> = {
  timechart: 'line',
  linechart: 'line',
  anomalychart: 'line',
  areachart: 'area',
  stackedareachart: 'area',
  columnchart: 'bar',
  barchart: 'bar',
  scatterchart: 'point',
}
export const MAXIMUM_PANELS = 5

export function describeChart(table: ChartTable, render: Render): ChartDescription {
  const asTable = (note?: Note): ChartDescription => ({ draw: 'table', render, notes: note ? [note] : [] })
  if (render.visualization === 'plotly') return asTable('plotly')
  if (render.visualization === 'table') return asTable()
  if (table.rowCount === 0) return asTable('noRows')
  const made = describe(table, render)
  return made ?? asTable('noNumbers')
}

function describe(table: ChartTable, render: Render): ChartDescription | null {
  const wrap = <D extends object>(made: D | null, notes: readonly Note[] = []) =>
    made && ({ ...made, render, notes } as D & { render: Render; notes: readonly Note[] })
  switch (render.visualization) {
    case 'piechart':
      return wrap(describePie(table, render))
    case 'treemap':
      return wrap(describeTree(table, render))
    case 'card':
      return wrap(describeCards(table))
    case 'ladderchart':
      return wrap(describeLadder(table))
    case 'pivotchart':
      return wrap(describePivot(table, render))
    case 'timepivot':
      return wrap(describeTimePivot(table, render))
    case 'graph':
      return wrap(describeGraph(table))
    default:
      return describeAxes(table, render)
  }
}

function describeAxes(table: ChartTable, render: Render): ChartDescription | null {
  const chosen = chooseColumns(table, render)
  const shape = SHAPES[render.visualization]
  if (!chosen || !shape) return null
  const made = makeSeries(table, chosen, render).filter((each) => each.points.length > 0)
  if (made.length === 0) return null
  const stack = shape === 'bar' || shape === 'area' ? stackOf(render, made.length) : 'none'
  const aligned = stack === 'none' ? made : alignSeries(made)
  const series = stack === 'share' ? shareSeries(aligned) : aligned
  const panels =
    render.ySplit === 'panels'
      ? panelsOf(
          chosen.y.map(({ name }) => name),
          series,
        )
      : []
  const shown = panels.length > 0 ? series.filter((each) => panels.includes(panelOf(each, panels))) : series
  const notes: Note[] = []
  if (series.some((each) => each.isRest)) notes.push('topSeries')
  if (shown.length < series.length) notes.push('panelsCut')
  if (render.kind === 'map') notes.push('map')
  return {
    draw: 'axes',
    render,
    notes,
    shape,
    isLying: render.visualization === 'barchart',
    stack,
    axis: chosen.axis,
    places: chosen.axis === 'category' ? placesOf(series) : [],
    series: shown,
    xName: chosen.x.name,
    xType: chosen.x.type,
    yNames: chosen.y.map(({ name }) => name),
    yType: chosen.y[0]?.type ?? 'real',
    split: shown.length > 1 ? render.ySplit : 'none',
    panels: panels.slice(0, MAXIMUM_PANELS),
  }
}

/** Columns of several series stand on each other unless told otherwise; areas only where that is asked for. */
function stackOf(render: Render, seriesCount: number): AxesDescription['stack'] {
  if (render.kind === 'stacked100') return 'share'
  if (render.kind === 'stacked' || render.visualization === 'stackedareachart') return 'sum'
  const isBar = render.visualization === 'columnchart' || render.visualization === 'barchart'
  return isBar && render.kind === null && render.ySplit === 'none' && seriesCount > 1 ? 'sum' : 'none'
}

/** A panel for each y column; for each series where there is one y column only. */
function panelsOf(yNames: readonly string[], series: readonly Series[]): string[] {
  return (yNames.length > 1 ? [...yNames] : series.map(({ name }) => name)).slice(0, MAXIMUM_PANELS)
}

export function panelOf(series: Series, panels: readonly string[]): string {
  return panels.includes(series.column) ? series.column : series.name
}
