import { plainRender, type Render } from './render'
import { isNumeric, isTime, type ChartColumn } from './table'

/** The chart that fits a result nobody said `render` about; null where there is nothing to draw. */
export function proposeChart(columns: readonly ChartColumn[]): Render | null {
  const numbers = columns.filter(isNumeric)
  const times = columns.filter(isTime)
  const texts = columns.filter(({ type }) => type === 'string' || type === 'guid' || type === 'bool')
  if (numbers.length === 0) return null
  if (times.length === 1) return plainRender('timechart')
  if (columns.length === numbers.length) return plainRender(numbers.length === 1 ? 'card' : 'scatterchart')
  if (texts.length === 1 && times.length === 0) return plainRender('barchart')
  return texts.length > 1 && times.length === 0 ? plainRender('columnchart') : plainRender('card')
}
