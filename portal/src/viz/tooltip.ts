/** What a chart tells about the place under the pointer. */

import { t } from '@/i18n/en/viz'
import { panelOf, type AxesDescription, type ChartDescription } from './describe'
import { formatMoment, formatValue, unitOf } from './format'
import { styleOf } from './palette'
import type { OptionChoice } from './render-to-option'

export interface TooltipEntry {
  readonly name: string
  readonly value: string
  readonly color: string | null
}
export interface TooltipText {
  readonly head: string
  readonly entries: readonly TooltipEntry[]
  readonly more: number
}

/** More entries than this overflow a window. */
export const MAXIMUM_ENTRIES = 12

/** The values of all series at that place (epoch milliseconds, number, or index of a category), the largest first. */
export function tooltipAt(chart: AxesDescription, at: number, choice: OptionChoice): TooltipText | null {
  const place = chart.axis === 'category' ? chart.places[at] : at
  if (place === undefined) return null
  const unit =
    chart.stack === 'share'
      ? 'percent'
      : unitOf(chart.yType, choice.unit === 'number' ? undefined : choice.unit)
  const found = chart.series
    .filter((series) => !choice.isHidden(series.name))
    .flatMap((series) => {
      const point = series.points.find(({ x }) => x === place)
      if (!point || point.y === null || point.row < 0) return []
      const name =
        chart.panels.length > 0 && panelOf(series, chart.panels) !== series.name
          ? `${series.name}`
          : series.name
      return [{ name, y: point.y, color: styleOf(choice.look, choice.colorOf(series.name)).color }]
    })
    .toSorted((a, b) => b.y - a.y)
  if (found.length === 0) return null
  return {
    head: placeText(chart, place, choice.timeZone),
    entries: found
      .slice(0, MAXIMUM_ENTRIES)
      .map(({ name, y, color }) => ({ name, color, value: formatValue(y, unit) })),
    more: Math.max(0, found.length - MAXIMUM_ENTRIES),
  }
}

function placeText(chart: AxesDescription, place: number | string, timeZone: string): string {
  if (chart.axis === 'time') return formatMoment(Number(place), timeZone)
  return chart.axis === 'value' ? formatValue(Number(place), unitOf(chart.xType, undefined)) : String(place)
}

/** The text of one mark of a chart without axes; `index` is its number in the picture's data. */
export function tooltipOf(
  chart: ChartDescription,
  index: number,
  name: string,
  choice: OptionChoice,
): TooltipText | null {
  switch (chart.draw) {
    case 'pie': {
      const slice = chart.slices.find((each) => each.name === name)
      if (!slice) return null
      return one(
        name,
        `${formatValue(slice.value, choice.unit)} (${formatValue((100 * slice.value) / chart.total, 'percent')})`,
      )
    }
    case 'treemap':
      return null
    case 'ladder': {
      const span = chart.spans[index]
      if (!span) return null
      const text = (at: number) => (chart.isTime ? formatMoment(at, choice.timeZone) : formatValue(at))
      const length = chart.isTime
        ? formatValue(span.to - span.from, 'milliseconds')
        : formatValue(span.to - span.from)
      return one(span.lane, `${text(span.from)} – ${text(span.to)} (${length})`)
    }
    case 'graph': {
      const node = chart.nodes.find((each) => each.name === name)
      return node ? one(node.name, `${t.degree}: ${node.degree}`) : null
    }
    default:
      return null
  }
}

function one(head: string, value: string): TooltipText {
  return { head, entries: [{ name: value, value: '', color: null }], more: 0 }
}
