/** The items of a dashboard, in their grid. */

import { useState } from 'react'
import { t } from '@/i18n/en/dash'
import { Button, EmptyState } from '@/ui'
import { useDashboard } from './context'
import css from './dash.module.css'
import type { GroupItem, Item } from './document'
import { ItemFrame, type Editing } from './ItemFrame'
import { titleOf } from './titles'
import { arrange, compact, readingOrder } from './layout'
import { isShown } from './parameters'

export function Board({ editing }: { readonly editing: Editing | null }) {
  const { dashboard, values } = useDashboard()
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const isOpen = (group: GroupItem) => Boolean(group.isClosed) === toggled.has(group.id)
  const closed = new Set(
    dashboard.items
      .filter((item): item is GroupItem => item.kind === 'group' && !isOpen(item))
      .map(({ id }) => id),
  )
  const placed = arrange(dashboard.items, dashboard.layout)
  const shown = editing
    ? placed
    : placed.filter((item) => isShown(item, values) && !closed.has(item.group ?? ''))
  const isWhole = shown.length === placed.length
  const items = readingOrder(isWhole ? shown : compact(shown))
  if (items.length === 0) return <EmptyState title={t.empty} text={t.emptyText} />
  const toggle = (id: string) => {
    const next = new Set(toggled)
    if (!next.delete(id)) next.add(id)
    setToggled(next)
  }
  return (
    <div className={css['grid']} data-grid>
      {items.map((item) =>
        item.kind === 'group' && !editing ? (
          <GroupHead key={item.id} item={item} isOpen={isOpen(item)} onToggle={() => toggle(item.id)} />
        ) : (
          <ItemFrame key={item.id} item={item} editing={editing} />
        ),
      )}
    </div>
  )
}

interface GroupProps {
  readonly item: Item
  readonly isOpen: boolean
  readonly onToggle: () => void
}

function GroupHead({ item, isOpen, onToggle }: GroupProps) {
  const { x = 0, y = 0, w = 24, h = 1 } = item.grid ?? {}
  return (
    <div
      className={css['group']}
      style={{ gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}` }}
    >
      <Button variant="quiet" size="small" aria-expanded={isOpen} onPress={onToggle}>
        {isOpen ? '▾' : '▸'} {titleOf(item)}
      </Button>
    </div>
  )
}
