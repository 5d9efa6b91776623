/** Rings, trees, ladders and graphs as ECharts' option. */

import type {
  GraphDescription,
  LadderDescription,
  PieDescription,
  TreeDescription,
  TreeNode,
} from './describe-other'
import { formatTick, formatValue } from './format'
import { readableOn, styleOf } from './palette'
import type { OptionChoice } from './render-to-option'

type Part = Record<string, unknown>

export function pieOption(chart: PieDescription, choice: OptionChoice): Part {
  const { look } = choice
  const shown = chart.slices.filter(({ name }) => !choice.isHidden(name))
  const data = shown.map(({ name, value }) => {
    const { color, decal } = styleOf(look, choice.colorOf(name))
    return {
      name,
      value,
      itemStyle: { color, borderColor: look.bg, borderWidth: 1, ...(decal ? { decal } : {}) },
    }
  })
  const total = shown.reduce((sum, { value }) => sum + value, 0)
  return {
    series: [
      {
        type: 'pie',
        radius: ['52%', '86%'],
        data,
        label: {
          show: true,
          position: 'center',
          formatter: formatValue(total, choice.unit, true),
          color: look.text,
          fontSize: 20,
          fontWeight: 600,
        },
        labelLine: { show: false },
        emphasis: { scale: false, label: { show: true } },
      },
    ],
  }
}

export function treeOption(chart: TreeDescription, choice: OptionChoice): Part {
  const { look } = choice
  const paint = (node: TreeNode, index: number): Part => {
    const { color, decal } = styleOf(look, index)
    return {
      ...node,
      children: node.children?.map((child) => ({ ...child, label: { color: readableOn(color) } })),
      itemStyle: { color, ...(decal ? { decal } : {}) },
      label: { color: readableOn(color) },
      upperLabel: { color: readableOn(color) },
    }
  }
  const label = (color: string) => ({
    show: true,
    color,
    overflow: 'truncate',
    formatter: (node: { name: string; value: number }) =>
      `${node.name}  ${formatValue(node.value, choice.unit, true)}`,
  })
  return {
    series: [
      {
        type: 'treemap',
        left: 0,
        right: 0,
        top: 0,
        bottom: 0,
        roam: false,
        nodeClick: false,
        breadcrumb: { show: false },
        data: chart.nodes.map((node) => paint(node, choice.colorOf(node.name))),
        label: label(look.text),
        upperLabel: {
          show: chart.nodes.some(({ children }) => children),
          height: 20,
          color: look.text,
        },
        itemStyle: { borderColor: look.bg, borderWidth: 1, gapWidth: 1 },
        levels: [
          { itemStyle: { borderWidth: 0, gapWidth: 2 }, upperLabel: { show: false } },
          { colorSaturation: null },
        ],
        emphasis: { disabled: true },
      },
    ],
  }
}

interface CustomApi {
  value: (dimension: number) => number
  coord: (point: readonly [number, number]) => readonly [number, number]
  size: (size: readonly [number, number]) => readonly [number, number]
}

export function ladderOption(chart: LadderDescription, choice: OptionChoice): Part {
  const { look } = choice
  const first = chart.spans.reduce((least, { from }) => Math.min(least, from), Infinity)
  const last = chart.spans.reduce((most, { to }) => Math.max(most, to), -Infinity)
  const format = (value: number) =>
    chart.isTime ? formatTick(value, last - first, choice.timeZone) : formatValue(value, 'number', true)
  return {
    useUTC: choice.timeZone === 'UTC',
    grid: { left: 8, right: 16, top: 8, bottom: 6, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    xAxis: {
      type: chart.isTime ? 'time' : 'value',
      scale: true,
      axisLabel: { color: look.text2, hideOverlap: true, formatter: format },
      splitLine: { show: true, lineStyle: { color: look.hairline } },
      axisLine: { lineStyle: { color: look.border } },
    },
    yAxis: {
      type: 'category',
      data: chart.lanes,
      inverse: true,
      axisLabel: { color: look.text2, width: 180, overflow: 'truncate' },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: look.border } },
    },
    series: [
      {
        type: 'custom',
        encode: { x: [1, 2], y: 0 },
        data: chart.spans.map((span) => ({
          value: [chart.lanes.indexOf(span.lane), span.from, span.to],
          itemStyle: { color: styleOf(look, choice.colorOf(span.lane)).color },
        })),
        renderItem: (_: unknown, api: CustomApi) => drawSpan(api),
      },
    ],
  }
}

function drawSpan(api: CustomApi & { style?: () => Part; visual?: (name: string) => string }): Part {
  const [x, y] = api.coord([api.value(1), api.value(0)])
  const [end] = api.coord([api.value(2), api.value(0)])
  const height = Math.min(22, api.size([0, 1])[1] * 0.6)
  return {
    type: 'rect',
    shape: { x, y: y - height / 2, width: Math.max(3, end - x), height, r: 2 },
    style: { fill: api.visual?.('color') },
  }
}

const LAYER = 160

export function graphOption(chart: GraphDescription, choice: OptionChoice): Part {
  const { look } = choice
  const { color } = styleOf(look, 0)
  const layers = Math.max(1, ...chart.nodes.map(({ layer }) => layer ?? 0))
  const inLayer = new Map<number, number>()
  for (const { layer } of chart.nodes) inLayer.set(layer ?? 0, (inLayer.get(layer ?? 0) ?? 0) + 1)
  // The picture keeps its shape, so that it is made about half as high as it is wide.
  const place = (LAYER * layers) / 2 / Math.max(...inLayer.values())
  return {
    series: [
      {
        type: 'graph',
        layout: chart.isLayered ? 'none' : 'force',
        preserveAspect: chart.isLayered ? 'contain' : false,
        left: 60,
        right: 60,
        top: 24,
        bottom: 24,
        roam: true,
        force: { layoutAnimation: false, repulsion: 160, edgeLength: 90 },
        data: chart.nodes.map((node) => ({
          name: node.name,
          value: node.degree,
          symbolSize: Math.min(34, 12 + 3 * node.degree),
          ...(chart.isLayered
            ? {
                x: (node.layer ?? 0) * LAYER,
                y: (node.place - (inLayer.get(node.layer ?? 0) ?? 1) / 2) * place,
              }
            : {}),
        })),
        links: chart.links.map(({ source, target }) => ({ source, target })),
        edgeSymbol: ['none', 'arrow'],
        edgeSymbolSize: 8,
        itemStyle: { color, borderColor: look.bg, borderWidth: 1 },
        lineStyle: { color: look.border, width: 1.2, curveness: chart.isLayered ? 0 : 0.08 },
        label: {
          show: chart.nodes.length <= 60,
          position: 'bottom',
          color: look.text,
          width: 120,
          overflow: 'truncate',
        },
        emphasis: { focus: 'adjacency' },
      },
    ],
  }
}
