/** One sentence that tells what a chart shows, for those who can't see it. */

import { t } from '@/i18n/en/viz'
import type { AxesDescription, ChartDescription } from './describe'
import { formatMoment, formatValue, unitOf, type Unit } from './format'
import type { Render } from './render'
import { readNumber, readText } from './table'

export function summarize(chart: ChartDescription, timeZone: string, unit: Unit = 'number'): string {
  const title = chart.render.title ? `${chart.render.title}. ` : ''
  return `${title}${sentence(chart, timeZone, unit)}.`
}

function sentence(chart: ChartDescription, timeZone: string, unit: Unit): string {
  const say = t.summary
  switch (chart.draw) {
    case 'axes':
      return axesSentence(chart, chart.render, timeZone, unit)
    case 'pie': {
      const first = chart.slices[0]
      const share = formatValue((100 * (first?.value ?? 0)) / chart.total, 'percent')
      return say.pie(chart.yName, chart.xName, first?.name ?? '', share)
    }
    case 'treemap': {
      const largest = chart.nodes.toSorted((a, b) => b.value - a.value)[0]
      return say.treemap(chart.yName, largest?.name ?? '')
    }
    case 'card':
      return say.cards(
        chart.cards.map((card) => `${card.name} ${cardText(card.value, card.type, unit)}`).join(', '),
      )
    case 'ladder':
      return say.ladder(chart.spans.length, chart.lanes.length)
    case 'pivot':
      return say.pivot(chart.yName, chart.rows.length, chart.columns.length)
    case 'timepivot': {
      const roots = chart.groups.filter(({ depth }) => depth === 0)
      return say.timepivot(
        roots.reduce((sum, { spans }) => sum + spans.length, 0),
        chart.names.join(', '),
      )
    }
    case 'graph':
      return say.graph(chart.nodes.length, chart.links.length)
    case 'table':
      return say.table
  }
}

function axesSentence(chart: AxesDescription, render: Render, timeZone: string, unit: Unit): string {
  const say = t.summary
  const points = chart.series.flatMap((series) =>
    series.points.map((point) => ({ ...point, name: series.name })),
  )
  const known = points.filter((point) => point.y !== null)
  const text = (value: number | null) =>
    formatValue(
      value,
      chart.stack === 'share' ? 'percent' : unitOf(chart.yType, unit === 'number' ? undefined : unit),
    )
  let made = say.axes(
    t.kinds[render.visualization],
    chart.yNames.join(', '),
    chart.xName,
    chart.series.length,
  )
  const first = points[0]
  if (chart.axis === 'time' && first) {
    const [from, to] = points.reduce(
      ([low, high], { x }) => [Math.min(low, Number(x)), Math.max(high, Number(x))],
      [Infinity, -Infinity],
    )
    made += say.extent(formatMoment(from, timeZone), formatMoment(to, timeZone))
  }
  const start = known[0]
  if (!start) return made
  const lowest = known.reduce((a, b) => ((b.y ?? 0) < (a.y ?? 0) ? b : a), start)
  const highest = known.reduce((a, b) => ((b.y ?? 0) > (a.y ?? 0) ? b : a), start)
  const where = chart.series.length > 1 ? highest.name : chart.axis === 'category' ? String(highest.x) : ''
  made += say.values(text(lowest.y), text(highest.y), where)
  const flagged = points.filter(({ isAnomaly }) => isAnomaly).length
  return flagged > 0 ? made + say.anomalies(flagged) : made
}

/** A card's value as it is read: numbers with their unit, everything else as its text. */
export function cardText(value: unknown, type: string, unit: Unit): string {
  const number = type === 'datetime' || type === 'string' ? null : readNumber(value, type)
  return number === null
    ? readText(value) || '–'
    : formatValue(number, unitOf(type, unit === 'number' ? undefined : unit))
}
