/** The commands of a heading and of a cell. */
import { t } from '@/i18n/en/grid'
import type { MenuAction, MenuGroup } from '@/ui'
import type { CopyFormat, ResultColumn } from '@/workers/result'
import { operationsFor, type EditOperation } from './edits'
import { groupBy, hide, move, resize, sortBy, togglePin, type GridLayout, type ShownColumn } from './layout'

export interface HeadingVerbs {
  readonly change: (layout: GridLayout) => void
  readonly fit: (column: ShownColumn) => void
  readonly open: (pane: 'filter' | 'statistics') => void
  readonly countBy: (() => void) | null
}

export function headingItems(
  column: ShownColumn,
  layout: GridLayout,
  shown: readonly ShownColumn[],
  verbs: HeadingVerbs,
): readonly (MenuAction | MenuGroup)[] {
  const { name, isPinned, width } = column
  const change = (next: GridLayout) => () => verbs.change(next)
  const isGrouped = layout.groupBy === name
  return [
    { id: 'asc', label: t.sortAscending, keys: 'Enter', onAction: change(sortBy(layout, name, false)) },
    { id: 'desc', label: t.sortDescending, onAction: change(sortBy(layout, name, true)) },
    ...(layout.sort.length > 0
      ? [{ id: 'unsort', label: t.unsort, onAction: change(sortBy(layout, name, null)) }]
      : []),
    { id: 'filter', label: t.filter, onAction: () => verbs.open('filter') },
    { id: 'statistics', label: t.statistics, onAction: () => verbs.open('statistics') },
    {
      id: 'group',
      label: isGrouped ? t.ungroup : t.groupBy,
      onAction: change(groupBy(layout, isGrouped ? null : name)),
    },
    ...(verbs.countBy ? [{ id: 'countBy', label: t.countInQuery, onAction: verbs.countBy }] : []),
    { id: 'pin', label: isPinned ? t.unpin : t.pin, onAction: change(togglePin(layout, name)) },
    { id: 'left', label: t.moveLeft, onAction: change(move(layout, shown, name, -1)) },
    { id: 'right', label: t.moveRight, onAction: change(move(layout, shown, name, 1)) },
    { id: 'fit', label: t.fit, onAction: () => verbs.fit(column) },
    { id: 'wider', label: t.wider, keys: 'Alt →', onAction: change(resize(layout, name, width * 1.5)) },
    { id: 'narrower', label: t.narrower, keys: 'Alt ←', onAction: change(resize(layout, name, width / 1.5)) },
    { id: 'hide', label: t.hide, onAction: change(hide(layout, [name])) },
  ]
}

export interface CellVerbs {
  readonly edit: ((op: EditOperation) => void) | null
  readonly copy: (format: CopyFormat, what: 'cell' | 'row' | 'selection') => void
  readonly toggleDetails: () => void
  readonly pin: (() => void) | null
  readonly pick: { readonly label: string; readonly run: () => void } | null
}

export interface CellState {
  readonly column: ResultColumn
  readonly isNull: boolean
  readonly isOpen: boolean
  readonly hasSelection: boolean
  readonly link: { readonly href: string; readonly title: string } | null
}

const WORDS: Readonly<Record<EditOperation, string>> = {
  filterTo: t.filterTo,
  filterOut: t.filterOut,
  contains: t.containsThis,
  has: t.hasThis,
  before: t.before,
  after: t.after,
  extend: t.extend,
  countBy: t.countBy,
}

const KEYS: Partial<Record<EditOperation, string>> = { filterTo: 'F', filterOut: 'X' }

export function editItems(
  operations: readonly EditOperation[],
  edit: (op: EditOperation) => void,
): readonly MenuAction[] {
  return operations.map((op) => ({
    id: op,
    label: WORDS[op],
    onAction: () => edit(op),
    ...(KEYS[op] ? { keys: KEYS[op] } : {}),
  }))
}

export function cellItems(state: CellState, verbs: CellVerbs): readonly (MenuAction | MenuGroup)[] {
  const { edit, copy } = verbs
  const groups: (MenuAction | MenuGroup)[] = []
  if (edit) {
    const operations = operationsFor(state.column.type, state.isNull)
    groups.push({ id: 'edit', label: t.editQuery, items: editItems(operations, edit) })
  }
  const copies: MenuAction[] = [
    { id: 'copy', label: t.copy, keys: 'Ctrl C', onAction: () => copy('text', 'cell') },
    { id: 'literal', label: t.copyLiteral, onAction: () => copy('kql', 'cell') },
    { id: 'copyRow', label: t.copyRow, onAction: () => copy('json', 'row') },
  ]
  if (state.hasSelection) {
    copies.push(
      { id: 'selection', label: t.copySelection, onAction: () => copy('text', 'selection') },
      { id: 'names', label: t.copySelectionNames, onAction: () => copy('textWithNames', 'selection') },
      { id: 'kql', label: t.copySelectionKql, onAction: () => copy('kql', 'selection') },
    )
  }
  groups.push({ id: 'copies', label: t.copyGroup, items: copies })
  const { pick } = verbs
  const opens: MenuAction[] = [
    ...(pick ? [{ id: 'pick', label: pick.label, keys: 'Enter', onAction: pick.run }] : []),
    {
      id: 'details',
      label: state.isOpen ? t.closeDetails : t.openDetails,
      onAction: verbs.toggleDetails,
      ...(pick ? {} : { keys: 'Enter' }),
    },
  ]
  if (verbs.pin) opens.push({ id: 'pin', label: t.pinDetails, onAction: verbs.pin })
  if (state.link) opens.push({ id: 'link', label: state.link.title, href: state.link.href })
  groups.push({ id: 'opens', label: t.details, items: opens })
  return groups
}
