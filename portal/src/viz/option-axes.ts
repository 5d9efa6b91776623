/** Lines, areas, columns, bars and points as ECharts' option. */

import { panelOf, type AxesDescription } from './describe'
import { formatTick, formatValue, unitOf } from './format'
import { flagsOf, marksOf } from './option-marks'
import { COLORS, styleOf } from './palette'
import type { Render } from './render'
import type { OptionChoice } from './render-to-option'
import type { Series } from './series'

type Part = Record<string, unknown>

/** More points than this in a line are thinned as the eye would. */
const SAMPLED = 2000
/** Lines of fewer points together show each of them. */
const DOTTED = 120
const MAXIMUM_AXES = 4

export function axesOption(chart: AxesDescription, render: Render, choice: OptionChoice): Part {
  const panels = chart.panels.length > 0 ? chart.panels : ['']
  const shown = chart.series.filter((each) => !choice.isHidden(each.name))
  const axes = panels.flatMap((panel, index) => placeAxes(chart, render, choice, panel, index))
  const values = valueAxes(chart, render, choice, panels)
  return {
    useUTC: choice.timeZone === 'UTC',
    grid: panels.map((_, index) => gridOf(chart, render, index, panels.length)),
    xAxis: chart.isLying ? values : axes,
    yAxis: chart.isLying ? axes : values,
    axisPointer: { link: [{ [chart.isLying ? 'yAxisIndex' : 'xAxisIndex']: 'all' }] },
    series: shown.flatMap((each, index) => seriesOf(chart, each, index, shown, choice, panels)),
  }
}

function gridOf(chart: AxesDescription, render: Render, index: number, count: number): Part {
  const room = 100 / count
  const isNamedBelow = Boolean(render.xTitle)
  const right = chart.split === 'axes' ? Math.max(0, Math.min(MAXIMUM_AXES, chart.series.length) - 2) * 56 : 0
  return {
    left: render.yTitle ? 20 : 8,
    right: 16 + right,
    top: count > 1 ? `${index * room + 10}%` : 16,
    ...(count > 1 ? { height: `${room - 18}%` } : { bottom: isNamedBelow ? 28 : 6 }),
    outerBoundsMode: 'same',
    outerBoundsContain: 'axisLabel',
  }
}

/** The axis of places for one panel; only the lowest is labelled. */
function placeAxes(
  chart: AxesDescription,
  render: Render,
  choice: OptionChoice,
  panel: string,
  index: number,
): Part[] {
  const { look } = choice
  const isLast = panel === '' || index === chart.panels.length - 1
  const span = timeSpan(chart)
  const type = chart.axis === 'value' && render.xAxis === 'log' ? 'log' : chart.axis
  const format = (value: number | string): string => {
    if (chart.axis === 'time') return formatTick(Number(value), span, choice.timeZone)
    return chart.axis === 'value'
      ? formatValue(Number(value), unitOf(chart.xType, undefined), true)
      : String(value)
  }
  return [
    {
      type,
      gridIndex: index,
      ...(chart.axis === 'category' ? { data: chart.places } : {}),
      // A lying chart has its first place on top.
      inverse: chart.isLying,
      scale: true,
      name: isLast ? (render.xTitle ?? '') : '',
      nameLocation: 'middle',
      nameTextStyle: { color: look.text2 },
      nameGap: 26,
      axisLine: { show: true, lineStyle: { color: look.border } },
      axisTick: { lineStyle: { color: look.border } },
      axisLabel: {
        color: look.text2,
        hideOverlap: true,
        show: isLast,
        formatter: format,
        width: 180,
        overflow: 'truncate',
      },
      splitLine: { show: false },
      axisPointer: pointerOf(chart, choice),
    },
  ]
}

function pointerOf(chart: AxesDescription, { look }: OptionChoice): Part {
  const isBand = chart.shape === 'bar' && chart.axis === 'category'
  return {
    show: true,
    type: isBand ? 'shadow' : 'line',
    snap: true,
    triggerEmphasis: false,
    label: { show: false },
    lineStyle: { color: look.border, type: 'solid' },
    shadowStyle: { color: look.border, opacity: 0.15 },
  }
}

function timeSpan(chart: AxesDescription): number {
  if (chart.axis !== 'time') return 0
  let first = Infinity
  let last = -Infinity
  for (const { points } of chart.series) {
    first = Math.min(first, Number(points[0]?.x ?? Infinity))
    last = Math.max(last, Number(points.at(-1)?.x ?? -Infinity))
  }
  return last - first
}

/** One axis of values for all, for each panel, or for each series. */
function valueAxes(
  chart: AxesDescription,
  render: Render,
  choice: OptionChoice,
  panels: readonly string[],
): Part[] {
  const { look } = choice
  const one = (extra: Part): Part => ({
    type: render.yAxis === 'log' ? 'log' : 'value',
    ...(render.yMin === null ? {} : { min: render.yMin }),
    ...(render.yMax === null
      ? chart.stack === 'share'
        ? { max: 100, interval: 25 }
        : {}
      : { max: render.yMax }),
    name: render.yTitle ?? '',
    nameLocation: 'middle',
    nameGap: chart.isLying ? 26 : 44,
    nameTextStyle: { color: look.text2 },
    axisLabel: {
      color: look.text2,
      hideOverlap: true,
      formatter: (value: number) => axisText(chart, choice, value),
    },
    splitLine: { lineStyle: { color: look.hairline } },
    splitNumber: 4,
    ...extra,
  })
  if (chart.split === 'axes' && !chart.isLying) {
    return chart.series.slice(0, MAXIMUM_AXES).map((each, index) => {
      const { color } = styleOf(look, choice.colorOf(each.name))
      return one({
        position: index === 0 ? 'left' : 'right',
        offset: Math.max(0, index - 1) * 56,
        axisLine: { show: true, lineStyle: { color } },
        splitLine: { show: index === 0, lineStyle: { color: look.hairline } },
      })
    })
  }
  return panels.map((panel, index) =>
    one({
      gridIndex: index,
      ...(panel
        ? {
            name: panel,
            nameLocation: 'end',
            nameGap: 6,
            nameTextStyle: { align: 'left', color: look.text2 },
          }
        : {}),
    }),
  )
}

function axisText(chart: AxesDescription, choice: OptionChoice, value: number): string {
  return formatValue(
    value,
    chart.stack === 'share'
      ? 'percent'
      : unitOf(chart.yType, choice.unit === 'number' ? undefined : choice.unit),
    true,
  )
}

function seriesOf(
  chart: AxesDescription,
  series: Series,
  index: number,
  shown: readonly Series[],
  choice: OptionChoice,
  panels: readonly string[],
): Part[] {
  const style = styleOf(choice.look, choice.colorOf(series.name))
  const panel = Math.max(0, panels.indexOf(panelOf(series, panels)))
  const axis =
    chart.split === 'axes' && !chart.isLying
      ? Math.min(chart.series.indexOf(series), MAXIMUM_AXES - 1)
      : panel
  const data = series.points.map(({ x, y }) => (chart.isLying ? [y, x] : [x, y]))
  const isFirst =
    chart.panels.length === 0
      ? index === 0
      : shown.findIndex((each) => panelOf(each, panels) === panelOf(series, panels)) === index
  const base: Part = {
    name: series.name,
    data,
    xAxisIndex: chart.isLying ? axis : panel,
    yAxisIndex: chart.isLying ? panel : axis,
    color: style.color,
    emphasis: { disabled: true },
    ...marksOf(series, choice, isFirst, chart.isLying),
  }
  const flags = series.points.filter(({ isAnomaly }) => isAnomaly)
  const drawn = { ...base, ...shapeOf(chart, series, style, choice) }
  return flags.length > 0 ? [drawn, flagsOf(base, flags, choice)] : [drawn]
}

function shapeOf(
  chart: AxesDescription,
  series: Series,
  style: ReturnType<typeof styleOf>,
  choice: OptionChoice,
): Part {
  const stack =
    chart.stack === 'none' ? {} : { stack: chart.panels.length > 0 ? panelOf(series, chart.panels) : 'all' }
  switch (chart.shape) {
    case 'bar':
      return {
        type: 'bar',
        ...stack,
        barMaxWidth: 48,
        itemStyle: style.decal ? { decal: style.decal } : {},
        large: series.points.length > SAMPLED,
      }
    case 'point':
      return {
        type: 'scatter',
        symbol: style.symbol,
        symbolSize: series.points.length > 1000 ? 4 : 7,
        large: series.points.length > 5000,
      }
    default:
      return {
        type: 'line',
        ...stack,
        symbol: style.symbol,
        symbolSize: 5,
        showSymbol:
          chart.series.reduce((sum, { points }) => sum + points.length, 0) <= DOTTED ||
          series.points.length === 1,
        showAllSymbol: true,
        sampling: series.points.length > SAMPLED && chart.stack === 'none' ? 'lttb' : undefined,
        lineStyle: { width: 1.75, type: style.dash },
        ...(chart.shape === 'area'
          ? {
              areaStyle: {
                opacity: chart.stack === 'none' ? 0.25 : 0.55,
                ...(choice.colorOf(series.name) >= COLORS && style.decal ? { decal: style.decal } : {}),
              },
            }
          : {}),
      }
  }
}
