/** Places of a text among the rows of a view. */
import type { Column } from './columns'
import { distinctOf, NULL } from './distinct'
import { searchedOf } from './filters'
import type { Found } from './protocol'
import { placeOf, type View } from './views'

/** Places that are told of; the rest is counted. */
const MOST_PLACES = 10_000

export function findText(
  columns: readonly Column[],
  wanted: readonly number[],
  view: View,
  text: string,
  timeZone: string,
): Found {
  if (text === '') return { total: 0, places: new Int32Array(0) }
  const looked = wanted.flatMap((index) => {
    const column = columns[index]
    return column ? [{ index, ...matches(column, text.toLowerCase(), timeZone) }] : []
  })
  const searched = looked.filter((column) => column.hasAny)
  const places: number[] = []
  let total = 0
  for (let line = 0; line < view.length && searched.length > 0; line += 1) {
    const place = placeOf(view, line)
    if ('group' in place) continue
    for (const { index, codes, passes } of searched) {
      const code = codes[place.row]!
      if (code === NULL || passes[code] !== 1) continue
      total += 1
      if (total <= MOST_PLACES) places.push(line, index)
    }
  }
  return { total, places: Int32Array.from(places) }
}

function matches(column: Column, text: string, timeZone: string) {
  const { codes, samples } = distinctOf(column)
  const passes = Uint8Array.from(samples, (row) => (searchedOf(column, row, timeZone).includes(text) ? 1 : 0))
  return { codes, passes, hasAny: passes.includes(1) }
}
