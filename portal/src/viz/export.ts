/** A chart as a file: PNG at twice the size, or SVG. */

import type { ChartDescription } from './describe'
import { optionOf, type OptionChoice } from './render-to-option'

const SIZE = { width: 960, height: 420 }

export async function exportSvg(
  frame: Element | null,
  chart: ChartDescription,
  choice: OptionChoice | null,
): Promise<Blob> {
  return new Blob([await svgText(frame, chart, choice)], { type: 'image/svg+xml' })
}

export async function exportPicture(frame: Element | null, choice: OptionChoice | null): Promise<Blob> {
  const canvas = frame?.querySelector('canvas')
  if (!canvas || !choice) throw new Error('There is no picture to export.')
  const drawn = document.createElement('canvas')
  drawn.width = canvas.width
  drawn.height = canvas.height
  const context = drawn.getContext('2d')
  if (!context) throw new Error('The browser has no canvas.')
  context.fillStyle = choice.look.bg
  context.fillRect(0, 0, drawn.width, drawn.height)
  context.drawImage(canvas, 0, 0)
  return new Promise((resolve, reject) => {
    drawn.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be made.'))),
      'image/png',
    )
  })
}

async function svgText(
  frame: Element | null,
  chart: ChartDescription,
  choice: OptionChoice | null,
): Promise<string> {
  const option = choice && optionOf(chart, { ...choice, isAlone: true })
  if (!option) throw new Error('There is no picture to export.')
  const { drawSvg } = await import('./echarts')
  const box = frame?.getBoundingClientRect()
  return drawSvg(option, Math.round(box?.width ?? SIZE.width), Math.round(box?.height ?? SIZE.height))
}
