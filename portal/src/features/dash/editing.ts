/** A dashboard while it is changed: each change can be taken back. Pure. */

import { freeId, type Dashboard, type Item, type Parameter } from './document'
import { arrange, bottomOf, compact, placeOf, putItem, stepItem } from './layout'
import type { DragKind } from './use-drag'

export interface EditState {
  readonly past: readonly Dashboard[]
  readonly present: Dashboard
  readonly future: readonly Dashboard[]
  /** The drag or the writing that the last change was a part of: its next part is taken back with it. */
  readonly gesture?: string | undefined
}

export type Edit =
  | { readonly kind: 'put'; readonly dashboard: Dashboard; readonly gesture?: string }
  | { readonly kind: 'step'; readonly id: string; readonly key: string; readonly isSize: boolean }
  | {
      readonly kind: 'drag'
      readonly id: string
      readonly how: DragKind
      readonly columns: number
      readonly rows: number
      readonly gesture: string
    }
  | { readonly kind: 'add'; readonly item: Item }
  | { readonly kind: 'change'; readonly item: Item }
  | { readonly kind: 'duplicate'; readonly id: string }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'parameter'; readonly parameter: Parameter; readonly replaces: string | null }
  | { readonly kind: 'start'; readonly dashboard: Dashboard }
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' }

const KEPT = 100

export function startEditing(dashboard: Dashboard): EditState {
  return {
    past: [],
    present: { ...dashboard, items: arrange(dashboard.items, dashboard.layout) },
    future: [],
  }
}

export function edit(state: EditState, change: Edit): EditState {
  const { past, present, future } = state
  if (change.kind === 'start') return startEditing(change.dashboard)
  if (change.kind === 'undo') {
    const before = past.at(-1)
    return before ? { past: past.slice(0, -1), present: before, future: [present, ...future] } : state
  }
  if (change.kind === 'redo') {
    const [next, ...rest] = future
    return next ? { past: [...past, present], present: next, future: rest } : state
  }
  const applied = apply(present, change)
  const changed = { ...applied, items: arrange(applied.items, applied.layout) }
  if (JSON.stringify(changed) === JSON.stringify(present)) return state
  const gesture = 'gesture' in change ? change.gesture : undefined
  const isMore = gesture !== undefined && gesture === state.gesture
  return { past: isMore ? past : [...past, present].slice(-KEPT), present: changed, future: [], gesture }
}

function apply(dashboard: Dashboard, change: Exclude<Edit, { kind: 'start' | 'undo' | 'redo' }>): Dashboard {
  const { items } = dashboard
  switch (change.kind) {
    case 'put':
      return change.dashboard
    case 'step':
      return { ...dashboard, items: stepItem(items, change.id, change.key, change.isSize) }
    case 'drag':
      return { ...dashboard, items: dragItem(items, change) }
    case 'add':
      return { ...dashboard, items: addItem(items, change.item) }
    case 'change':
      return { ...dashboard, items: items.map((item) => (item.id === change.item.id ? change.item : item)) }
    case 'duplicate': {
      const item = items.find(({ id }) => id === change.id)
      return item
        ? { ...dashboard, items: addItem(items, { ...item, id: freeId(items, 'item') }) }
        : dashboard
    }
    case 'remove':
      return { ...dashboard, items: compact(items.filter(({ id }) => id !== change.id)) }
    case 'parameter': {
      const rest = dashboard.parameters.filter(
        ({ name }) => name !== change.replaces && name !== change.parameter.name,
      )
      return { ...dashboard, parameters: [...rest, change.parameter] }
    }
  }
}

/** At the end, or at its own place with the others below it. */
export function addItem(items: readonly Item[], item: Item, isFirst = false): Item[] {
  const { w, h } = placeOf(item)
  const y = isFirst ? 0 : bottomOf(items)
  return putItem([...items, { ...item, grid: { x: 0, y, w, h } }], item.id, { x: 0, y, w, h })
}

interface Drag {
  readonly id: string
  readonly how: DragKind
  readonly columns: number
  readonly rows: number
}

function dragItem(items: readonly Item[], { id, how, columns, rows }: Drag): Item[] {
  const item = items.find((each) => each.id === id)
  if (!item) return [...items]
  const { x, y, w, h } = placeOf(item)
  const place = how === 'move' ? { x: x + columns, y: y + rows, w, h } : { x, y, w: w + columns, h: h + rows }
  return putItem(items, id, place)
}
