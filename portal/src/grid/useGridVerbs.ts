import { useRef, useState } from 'react'
import { t } from '@/i18n/en/grid'
import { formatAge } from '@/lib/time'
import type { CopyFormat, Result } from '@/workers/result'
import { copyText } from './clipboard'
import { editOf, type OnEdit } from './edits'
import type { GridVerbs } from './gridEvents'
import { isWide, type Position, type Selection } from './keys'
import { resize, toggleGroup, toggleSort, type GridLayout, type ShownColumn } from './layout'
import type { Cursor } from './useCursor'
import type { OpenRows } from './useOpenRows'
import { areaOf } from './useSummary'
import type { GridView } from './useView'

export interface OpenMenu {
  readonly at: Position
  readonly anchor: Element
  readonly pane: 'menu' | 'filter' | 'statistics'
}

export interface RowPick {
  readonly label: string
  readonly onPick: (row: number) => void
}

/** What verbs and menus of a grid work on. */
export interface GridParts {
  readonly result: Result
  readonly view: GridView
  readonly shown: readonly ShownColumn[]
  readonly layout: GridLayout
  readonly timeZone: string
  readonly cursor: Cursor
  readonly openRows: OpenRows
  readonly change: (layout: GridLayout) => void
  readonly onEdit: OnEdit | undefined
  readonly onOpen: ((row: number) => void) | undefined
  readonly pick: RowPick | undefined
}

/** The row that stands in a line; null for headings of groups and rows on their way. */
export function rowAt(view: GridView, line: number): number | null {
  const shown = view.lines.at(line)
  return shown && 'row' in shown.line ? shown.line.row : null
}

/** Puts what is selected into the clipboard, as shown and in the order shown. */
export function copySelected(
  { result, view, shown, timeZone }: GridParts,
  chosen: Selection,
  format: CopyFormat,
): void {
  void copyText(result.ask('copy', view.number, areaOf(chosen, shown), format, timeZone))
}

/** What keys and clicks do. */
export function useGridVerbs(parts: GridParts, find: () => void) {
  const { result, view, shown, layout, cursor, openRows, change, onEdit, onOpen, pick } = parts
  const [menu, setMenu] = useState<OpenMenu | null>(null)
  const hovered = useRef<HTMLElement | null>(null)
  const toggleDetails = (line: number) => {
    const row = rowAt(view, line)
    if (row !== null) openRows.toggle(row)
  }
  const copy = (format: CopyFormat) => {
    const { active, selection } = cursor
    const chosen = selection && isWide(selection) ? selection : { anchor: active, end: active }
    if (active.line >= 0) copySelected(parts, chosen, format)
  }
  const verbs: GridVerbs = {
    toggleDetails,
    copy,
    find,
    pinDetails: (line) => {
      const row = rowAt(view, line)
      if (row === null || !onOpen || !openRows.rows.has(row)) return false
      openRows.toggle(row)
      onOpen(row)
      return true
    },
    pick: pick
      ? (line) => {
          const row = rowAt(view, line)
          if (row !== null) pick.onPick(row)
        }
      : null,
    isGroup: (line) => {
      const at = view.lines.at(line)
      return at !== null && 'group' in at.line
    },
    toggleGroup: (line) => {
      const at = view.lines.at(line)
      if (at && 'group' in at.line) change(toggleGroup(layout, at.line.group))
    },
    sort: (place, isAdding) => {
      const column = shown[place - 1]
      if (column) change(toggleSort(layout, column.name, isAdding))
    },
    resize: (place, by) => {
      const column = shown[place - 1]
      if (column) change(resize(layout, column.name, column.width + by))
    },
    openMenu: (at, anchor) => setMenu({ at, anchor, pane: 'menu' }),
    hover: (at, cell) => {
      const column = shown[at.column - 1]
      const row = rowAt(view, at.line)
      if (row === null || column?.type !== 'datetime' || hovered.current === cell) return
      hovered.current = cell
      void result.text(row, column.index).then((text) => (cell.title = text === null ? '' : titleOf(text)))
    },
    edit: (at, op, isImmediate) => {
      const row = rowAt(view, at.line)
      const column = shown[at.column - 1]
      if (row !== null && column && onEdit) {
        void editOf(result, row, column.index, op, isImmediate).then(onEdit)
      }
    },
  }
  return {
    verbs,
    menu,
    openPane: (pane: OpenMenu['pane']) => setMenu((open) => open && { ...open, pane }),
    /** A menu that a pane has taken the place of closes nothing. */
    closeMenu: (pane: OpenMenu['pane']) => setMenu((open) => (open?.pane === pane ? null : open)),
  }
}

/** A time in UTC, and how long ago that is. */
function titleOf(text: string): string {
  return `${text.replace('T', ' ').replace('Z', ` ${t.utc}`)}\n${formatAge(new Date(text))}`
}
