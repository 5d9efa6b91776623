/** What is drawn on top of series: thresholds, bands and marks of anomalies. */

import { formatValue } from './format'
import type { OptionChoice } from './render-to-option'
import type { Series } from './series'

type Part = Record<string, unknown>

const LEVELS = { error: 'danger', warning: 'warning', info: 'link' } as const

/** Lines at the thresholds (with the first series of a panel), and bands over the series' anomalies. */
export function marksOf(series: Series, choice: OptionChoice, isFirst: boolean, isLying: boolean): Part {
  const { look } = choice
  const lines = isFirst
    ? choice.thresholds.map(({ value, level, label }) => ({
        [isLying ? 'xAxis' : 'yAxis']: value,
        lineStyle: { color: look[LEVELS[level]], type: 'dashed', width: 1.5 },
        label: {
          formatter: label ?? formatValue(value, choice.unit, true),
          color: look[LEVELS[level]],
          position: 'insideEndTop',
        },
      }))
    : []
  const bands = bandsOf(series).map(([from, to]) => [{ xAxis: from }, { xAxis: to }])
  return {
    ...(lines.length > 0 ? { markLine: { silent: true, symbol: 'none', data: lines } } : {}),
    ...(bands.length > 0
      ? { markArea: { silent: true, itemStyle: { color: look.danger, opacity: 0.12 }, data: bands } }
      : {}),
  }
}

/** Where flagged points stand side by side: from the first to the last of each run. */
export function bandsOf(series: Series): [number | string, number | string][] {
  const bands: [number | string, number | string][] = []
  series.points.forEach((point, index) => {
    if (!point.isAnomaly) return
    const open = series.points[index - 1]?.isAnomaly ? bands.at(-1) : undefined
    if (open) open[1] = point.x
    else bands.push([point.x, point.x])
  })
  return bands.filter(([from, to]) => from !== to)
}

export function flagsOf(base: Part, flags: Series['points'], { look }: OptionChoice): Part {
  return {
    name: base['name'],
    type: 'scatter',
    data: flags.map(({ x, y }) => [x, y]),
    xAxisIndex: base['xAxisIndex'],
    yAxisIndex: base['yAxisIndex'],
    symbol: 'diamond',
    symbolSize: 11,
    itemStyle: { color: look.danger, borderColor: look.bg, borderWidth: 1 },
    emphasis: { disabled: true },
    z: 5,
  }
}
