import { ChevronDown, ChevronRight, EllipsisVertical } from 'lucide-react'
import { useEffect, useState } from 'react'
import { t } from '@/i18n/en/grid'
import { formatCount } from '@/lib/format'
import { cx, IconButton, Menu, type MenuAction } from '@/ui'
import type { ColumnType, JsonNode, Result } from '@/workers/result'
import { copyText } from '../clipboard'
import type { EditOperation, OnEdit } from '../edits'
import { editItems } from '../menus'
import css from './details.module.css'

export interface DynamicTreeProps {
  readonly result: Result
  readonly row: number
  readonly column: number
  /** The column's name: the root of the paths. */
  readonly name: string
  readonly onEdit?: OnEdit | undefined
  readonly isOpen?: boolean
}

type Path = readonly (string | number)[]

/** Members that are read at once. */
const STEP = 100
/** Characters of a member that stand in its line. */
const SHOWN = 160

/** A dynamic value as a tree. The worker reads what is opened, level by level. */
export function DynamicTree({ isOpen = false, ...tree }: DynamicTreeProps) {
  const root = useChildren(tree, -1)?.nodes[0]
  if (!root) return null
  return (
    <ul role="tree" aria-label={tree.name} className={css['tree']}>
      <Node tree={tree} node={root} path={[]} level={1} isFirst startsOpen={isOpen} />
    </ul>
  )
}

interface NodeProps {
  readonly tree: Omit<DynamicTreeProps, 'isOpen'>
  readonly node: JsonNode
  readonly path: Path
  readonly level: number
  readonly isFirst?: boolean
  readonly startsOpen?: boolean
}

function Node({ tree, node, path, level, isFirst = false, startsOpen = false }: NodeProps) {
  const [isOpen, setIsOpen] = useState(startsOpen)
  const isParent = node.kind === 'object' || node.kind === 'array'
  const name = path.length === 0 ? tree.name : String(node.key)
  return (
    <li
      role="treeitem"
      aria-level={level}
      aria-selected={false}
      {...(isParent ? { 'aria-expanded': isOpen } : {})}
      tabIndex={isFirst ? 0 : -1}
      className={css['item']}
      onKeyDown={(event) => pressTreeKey(event, isParent, isOpen, setIsOpen)}
    >
      <span className={css['node']}>
        {isParent ? (
          <button
            type="button"
            tabIndex={-1}
            className={css['twist']}
            aria-label={t.expand(name)}
            onClick={() => setIsOpen(!isOpen)}
          >
            {isOpen ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
          </button>
        ) : (
          <span className={css['twist']} />
        )}
        {path.length > 0 && <span className={css['key']}>{name}</span>}
        <span className={cx(css['leaf'], css[node.kind])}>{shownOf(node)}</span>
        {path.length > 0 && <NodeMenu tree={tree} node={node} path={path} name={name} />}
      </span>
      {isParent && isOpen && <Children tree={tree} node={node} path={path} level={level + 1} />}
    </li>
  )
}

function shownOf({ preview }: JsonNode): string {
  return preview.length > SHOWN ? `${preview.slice(0, SHOWN)}…` : preview
}

function Children({ tree, node, path, level }: Omit<NodeProps, 'isFirst'>) {
  const [most, setMost] = useState(STEP)
  const found = useChildren(tree, node.start, most)
  if (!found) return null
  return (
    <ul role="group" className={css['group']}>
      {found.nodes.map((child) => (
        <Node key={child.start} tree={tree} node={child} path={[...path, child.key]} level={level} />
      ))}
      {found.total > found.nodes.length && (
        <li role="none">
          <button type="button" className={css['more']} onClick={() => setMost(most + STEP)}>
            {t.moreItems(formatCount(found.total - found.nodes.length))}
          </button>
        </li>
      )}
    </ul>
  )
}

function useChildren({ result, row, column }: Omit<DynamicTreeProps, 'isOpen'>, start: number, most = 1) {
  const [found, setFound] = useState<{ nodes: readonly JsonNode[]; total: number } | null>(null)
  useEffect(() => {
    let isGone = false
    void result
      .ask('children', row, column, start, 0, most)
      .then((children) => !isGone && setFound(children))
      .catch(() => undefined)
    return () => {
      isGone = true
    }
  }, [result, row, column, start, most])
  return found
}

function NodeMenu({ tree, node, path, name }: Omit<NodeProps, 'level'> & { readonly name: string }) {
  const { result, row, column, onEdit } = tree
  const scalar = () => result.ask('scalar', row, column, node.start, node.end)
  const edit = async (op: EditOperation) => {
    const value = node.kind === 'null' ? null : await scalar()
    onEdit?.({ op, column: tree.name, type: typeOf(node), path, value, isImmediate: false })
  }
  const items: readonly MenuAction[] = [
    ...(onEdit ? editItems(operationsOf(node), (op) => void edit(op)) : []),
    { id: 'copy', label: t.copy, onAction: () => void copyText(scalar()) },
  ]
  return (
    <Menu
      label={t.actionsFor(name)}
      trigger={
        <IconButton
          size="small"
          label={t.actionsFor(name)}
          icon={<EllipsisVertical aria-hidden />}
          excludeFromTabOrder
        />
      }
      items={items}
    />
  )
}

function operationsOf({ kind }: JsonNode): readonly EditOperation[] {
  if (kind === 'object' || kind === 'array') return ['extend']
  return kind === 'string'
    ? ['filterTo', 'filterOut', 'contains', 'has', 'extend', 'countBy']
    : ['filterTo', 'filterOut', 'extend', 'countBy']
}

function typeOf({ kind, preview }: JsonNode): ColumnType {
  if (kind === 'string') return 'string'
  if (kind === 'true' || kind === 'false') return 'bool'
  if (kind !== 'number') return 'dynamic'
  return /^-?\d+$/.test(preview) ? 'long' : 'real'
}

/** The keys of a tree: up and down go from item to item, left and right close and open. */
function pressTreeKey(
  event: React.KeyboardEvent<HTMLLIElement>,
  isParent: boolean,
  isOpen: boolean,
  setIsOpen: (isOpen: boolean) => void,
): void {
  const item = event.currentTarget
  if (event.target !== item) return
  const tree = item.closest('[role=tree]')
  const items = [...(tree?.querySelectorAll<HTMLElement>('[role=treeitem]') ?? [])]
  const at = items.indexOf(item)
  if (event.key === 'ArrowRight' && isParent && !isOpen) setIsOpen(true)
  else if (event.key === 'ArrowLeft' && isParent && isOpen) setIsOpen(false)
  else if (event.key === 'ArrowLeft') item.parentElement?.closest<HTMLElement>('[role=treeitem]')?.focus()
  else if (event.key === 'ArrowDown' || event.key === 'ArrowRight') items[at + 1]?.focus()
  else if (event.key === 'ArrowUp') items[at - 1]?.focus()
  else if (event.key === 'Home') items[0]?.focus()
  else if (event.key === 'End') items.at(-1)?.focus()
  else if (event.key === 'Enter') item.querySelector<HTMLElement>('[aria-haspopup]')?.click()
  else return
  event.preventDefault()
  event.stopPropagation()
}
