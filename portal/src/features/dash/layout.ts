/** Where items stand in the grid. Pure: nothing overlaps, and what can move up does. */

import { COLUMNS, type Dashboard, type Item, type Place } from './document'

/** What an item takes that says nothing of its own. */
const PLAIN: Record<Item['kind'], { w: number; h: number }> = {
  query: { w: 12, h: 8 },
  markdown: { w: 24, h: 3 },
  parameters: { w: 24, h: 2 },
  group: { w: 24, h: 1 },
  links: { w: 24, h: 2 },
  foreign: { w: 12, h: 3 },
}

export function placeOf(item: Item): Place {
  return item.grid ?? { x: 0, y: 0, ...PLAIN[item.kind] }
}

/** The items with a place each; those without one follow below, side by side where they fit. `widths` are by id. */
export function placeItems(items: readonly Item[], widths: ReadonlyMap<string, number> = new Map()): Item[] {
  let next = bottomOf(items.filter(({ grid }) => grid))
  let left = 0
  let row = 0
  return items.map((item) => {
    if (item.grid) return item
    const { h } = PLAIN[item.kind]
    const w = widths.get(item.id) ?? PLAIN[item.kind].w
    if (left + w > COLUMNS) {
      next += row
      left = 0
      row = 0
    }
    const placed = { ...item, grid: { x: left, y: next, w, h } }
    left += w
    row = Math.max(row, h)
    return placed
  })
}

/** The items as their dashboard lays them out: each where it says, or in a workbook below each other at full width. */
export function arrange(items: readonly Item[], layout: Dashboard['layout']): Item[] {
  const placed = placeItems(items)
  if (layout === 'grid') return placed
  let y = 0
  return readingOrder(placed).map((item) => {
    const { h } = placeOf(item)
    y += h
    return { ...item, grid: { x: 0, y: y - h, w: COLUMNS, h } }
  })
}

export function bottomOf(items: readonly Item[]): number {
  return items.reduce((most, item) => Math.max(most, placeOf(item).y + placeOf(item).h), 0)
}

/** The items with one put there; those in its way go below it. */
export function putItem(items: readonly Item[], id: string, wanted: Place): Item[] {
  const w = clamp(wanted.w, 2, COLUMNS)
  const place = { w, h: clamp(wanted.h, 1, 60), x: clamp(wanted.x, 0, COLUMNS - w), y: Math.max(0, wanted.y) }
  const moved = items.map((item) => (item.id === id ? { ...item, grid: place } : item))
  return compact(moved, id)
}

/** Steps by keyboard: moves, or with `isSize` makes wider, narrower, higher, lower. */
export function stepItem(items: readonly Item[], id: string, key: string, isSize: boolean): Item[] {
  const item = items.find((each) => each.id === id)
  const [dx, dy] = STEPS[key] ?? [0, 0]
  if (!item || (dx === 0 && dy === 0)) return [...items]
  const place = placeOf(item)
  if (isSize) return putItem(items, id, { ...place, w: place.w + dx, h: place.h + dy })
  if (dy > 0) return putItem(items, id, { ...place, y: nextBelow(items, item) })
  if (dy < 0) return putItem(items, id, { ...place, y: nextAbove(items, item) })
  return putItem(items, id, { ...place, x: place.x + dx })
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** Up is to where the item above begins: a single row would be taken back by what stands there. */
function nextAbove(items: readonly Item[], item: Item): number {
  const { y } = placeOf(item)
  const above = items.filter((other) => other !== item && crosses(other, item) && placeOf(other).y < y)
  return above.reduce((most, other) => Math.max(most, placeOf(other).y), 0)
}

/** Below the one that stands next: it then moves up into the place that becomes free. */
function nextBelow(items: readonly Item[], item: Item): number {
  const { y } = placeOf(item)
  const below = items.filter((other) => other !== item && crosses(other, item) && placeOf(other).y > y)
  const first = below.toSorted((a, b) => placeOf(a).y - placeOf(b).y)[0]
  return first ? placeOf(first).y + 1 : y
}

/** Whether both have a column in common. */
function crosses(a: Item, b: Item): boolean {
  const [first, second] = [placeOf(a), placeOf(b)]
  return first.x < second.x + second.w && second.x < first.x + first.w
}

/** Moves everything up as far as it goes, from the top; the one that was moved goes before others at its row. */
export function compact(items: readonly Item[], first = ''): Item[] {
  const order = items.toSorted((a, b) => {
    const rows = placeOf(a).y - placeOf(b).y
    return rows === 0 ? Number(b.id === first) - Number(a.id === first) || placeOf(a).x - placeOf(b).x : rows
  })
  const done: Item[] = []
  for (const item of order) {
    const { x, w, h } = placeOf(item)
    const y = done
      .filter((other) => crosses(other, item))
      .reduce((most, other) => Math.max(most, placeOf(other).y + placeOf(other).h), 0)
    done.push({ ...item, grid: { x, y, w, h } })
  }
  const places = new Map(done.map((item) => [item.id, item]))
  return items.map((item) => places.get(item.id) ?? item)
}

/** Items as one reads them: by row, then from left to right. */
export function readingOrder(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => placeOf(a).y - placeOf(b).y || placeOf(a).x - placeOf(b).x)
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value))
}
