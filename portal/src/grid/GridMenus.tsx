import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/grid'
import { AnchoredMenu, AnchoredPopover } from '@/ui'
import type { CopyFormat } from '@/workers/result'
import { copyText } from './clipboard'
import { FilterPane } from './FilterPane'
import type { GridVerbs } from './gridEvents'
import { isWide, type Selection } from './keys'
import { filterColumn, type ShownColumn } from './layout'
import { cellItems, headingItems } from './menus'
import { StatisticsPane } from './StatisticsPane'
import { copySelected, rowAt, type GridParts, type OpenMenu } from './useGridVerbs'

export interface GridMenusProps extends GridParts {
  readonly menu: OpenMenu | null
  readonly openPane: (pane: OpenMenu['pane']) => void
  readonly closeMenu: (pane: OpenMenu['pane']) => void
  readonly verbs: GridVerbs
  readonly fit: (column: ShownColumn) => void
  readonly linkOf: ((column: string, text: string) => { href: string; title: string } | null) | undefined
}

type Open = GridMenusProps & { readonly menu: OpenMenu; readonly column: ShownColumn }

/** What opens beside a heading or a cell. */
export function GridMenus(props: GridMenusProps) {
  const { menu, shown } = props
  const column = menu && shown[menu.at.column - 1]
  if (!menu || !column) return null
  const open = { ...props, menu, column }
  if (menu.pane !== 'menu') return <Pane {...open} />
  return menu.at.line === -1 ? <HeadingMenu {...open} /> : <CellMenu {...open} />
}

function Pane(props: Open) {
  const { menu, column, closeMenu, layout, change, result, view, timeZone, cursor, onEdit } = props
  const onClose = () => {
    closeMenu(menu.pane)
    // The menu that led here is gone, and with it what had the focus before; until the next frame, nothing around the
    // pane takes any.
    requestAnimationFrame(cursor.focus)
  }
  const isFilter = menu.pane === 'filter'
  return (
    <AnchoredPopover
      anchor={menu.anchor}
      label={isFilter ? t.filterTitle(column.name) : t.statisticsTitle(column.name)}
      onClose={onClose}
    >
      {isFilter ? (
        <FilterPane
          result={result}
          column={column}
          present={layout.filters.find((filter) => filter.column === column.name)}
          timeZone={timeZone}
          onChange={(filter) => change(filterColumn(layout, column.name, filter))}
          onEdit={onEdit}
          onClose={onClose}
        />
      ) : (
        <StatisticsPane result={result} view={view.number} column={column} timeZone={timeZone} />
      )}
    </AnchoredPopover>
  )
}

function HeadingMenu({ menu, column, layout, shown, change, fit, closeMenu, openPane, onEdit }: Open) {
  const countBy = onEdit
    ? () => onEdit({ op: 'countBy', column: column.name, type: column.type, value: null, isImmediate: false })
    : null
  return (
    <AnchoredMenu
      anchor={menu.anchor}
      label={t.columnMenu(column.name)}
      onClose={() => closeMenu('menu')}
      items={headingItems(column, layout, shown, { change, fit, open: openPane, countBy })}
    />
  )
}

function CellMenu(props: Open) {
  const { menu, column, view, cursor, openRows, verbs, onEdit, onOpen, pick } = props
  const { at } = menu
  const row = rowAt(view, at.line)
  const text = useText(props, row)
  if (row === null) return null
  const { selection } = cursor
  return (
    <AnchoredMenu
      anchor={menu.anchor}
      label={t.cellMenu}
      onClose={() => props.closeMenu('menu')}
      items={cellItems(
        {
          column,
          isNull: text === null,
          isOpen: openRows.rows.has(row),
          hasSelection: selection !== null && isWide(selection),
          link: typeof text === 'string' ? (props.linkOf?.(column.name, text) ?? null) : null,
        },
        {
          edit: onEdit ? (op) => verbs.edit(at, op, false) : null,
          copy: (format, what) => copy(props, row, format, what),
          toggleDetails: () => openRows.toggle(row),
          pin: onOpen ? () => onOpen(row) : null,
          pick: pick ? { label: pick.label, run: () => pick.onPick(row) } : null,
        },
      )}
    />
  )
}

/** The value under the menu; `undefined` until it is here. */
function useText({ result, column }: Open, row: number | null): string | null | undefined {
  const [text, setText] = useState<string | null>()
  useEffect(() => {
    if (row !== null) void result.text(row, column.index).then(setText, () => undefined)
  }, [result, row, column.index])
  return text
}

function copy(props: Open, row: number, format: CopyFormat, what: 'cell' | 'row' | 'selection'): void {
  const { result, shown, column, cursor, menu } = props
  if (what === 'cell') {
    void copyText(format === 'kql' ? result.literal(row, column.index) : result.text(row, column.index))
    return
  }
  const line: Selection = { anchor: { ...menu.at, column: 1 }, end: { ...menu.at, column: shown.length } }
  copySelected(props, what === 'selection' && cursor.selection ? cursor.selection : line, format)
}
