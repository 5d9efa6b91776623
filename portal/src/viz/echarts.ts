/** The parts of ECharts that charts use, and no other: this module is loaded with the first chart, by one dynamic import. */

import {
  BarChart,
  CustomChart,
  GraphChart,
  LineChart,
  PieChart,
  ScatterChart,
  TreemapChart,
} from 'echarts/charts'
import { AxisPointerComponent, GridComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components'
import { connect, init, use as register, type EChartsType } from 'echarts/core'
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers'

register([
  BarChart,
  CustomChart,
  GraphChart,
  LineChart,
  PieChart,
  ScatterChart,
  TreemapChart,
  AxisPointerComponent,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  CanvasRenderer,
  SVGRenderer,
])

export type { EChartsType }

/** A picture in the element. Charts with one group share where the pointer is. */
export function openPicture(element: HTMLElement, group?: string): EChartsType {
  const picture = init(element, undefined, { renderer: 'canvas' })
  if (group) {
    picture.group = group
    connect(group)
  }
  return picture
}

/** The same picture as SVG text, of that size in pixels. */
export function drawSvg(
  option: Parameters<EChartsType['setOption']>[0],
  width: number,
  height: number,
): string {
  const picture = init(null, undefined, { renderer: 'svg', ssr: true, width, height })
  picture.setOption(option)
  const text = picture.renderToSVGString()
  picture.dispose()
  return text
}
