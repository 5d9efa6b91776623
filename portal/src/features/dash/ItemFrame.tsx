/** One item in its frame: title, what can be done with it, and in edit mode its moves. */

import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { EllipsisVertical, GripVertical } from 'lucide-react'
import { useRef, type CSSProperties, type KeyboardEvent } from 'react'
import { t } from '@/i18n/en/dash'
import { writeQueryHash } from '@/lib/query-link'
import { IconButton, LinkButton, Markdown, Menu, saveFile, toast, type MenuAction } from '@/ui'
import type { ChartHandle } from '@/viz'
import { useDashboard } from './context'
import css from './dash.module.css'
import type { Item, QueryItem } from './document'
import { placeOf } from './layout'
import { paintPicture } from './paint'
import { ParameterControls } from './ParameterControls'
import { QueryView, useQuestion } from './QueryView'
import { titleOf } from './titles'
import { useDrag, type DragKind, type OnDrag } from './use-drag'
import { questionQuery } from './use-outcome'

export interface Editing {
  readonly step: (id: string, key: string, isSize: boolean) => void
  readonly drag: (id: string, kind: DragKind, ...how: Parameters<OnDrag>) => void
  readonly edit: (id: string) => void
  readonly duplicate: (id: string) => void
  readonly remove: (id: string) => void
}

interface Props {
  readonly item: Item
  readonly editing: Editing | null
}

export function ItemFrame({ item, editing }: Props) {
  const title = titleOf(item)
  const { x, y, w, h } = placeOf(item)
  return (
    <section
      className={css['item']}
      data-kind={item.kind}
      data-item={item.id}
      aria-label={title}
      style={
        { gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}`, '--rows': h } as CSSProperties
      }
    >
      {item.kind === 'query' ? (
        <QueryParts item={item} editing={editing} />
      ) : (
        <PlainParts item={item} editing={editing} />
      )}
      {editing && <ResizeHandle item={item} editing={editing} />}
    </section>
  )
}

function QueryParts({ item, editing }: { readonly item: QueryItem; readonly editing: Editing | null }) {
  const chart = useRef<ChartHandle>(null)
  const client = useQueryClient()
  const router = useRouter()
  const { tenant } = useDashboard()
  const { question } = useQuestion(item)
  const openLogs = async () => {
    const [first, ...also] = question.workspaces
    if (!first) throw new Error(t.noWorkspaces)
    const hash = await writeQueryHash({ query: question.query, timespan: question.timespan, also, run: true })
    router.history.push(`/t/${tenant}/w/${first}/logs${hash}`)
  }
  const savePicture = async () => {
    const frame = document.querySelector<HTMLElement>(`[data-item="${item.id}"]`)
    if (frame) saveFile(`${titleOf(item)}.png`, await paintPicture(frame))
  }
  const saveSvg = async () => {
    const blob = await chart.current?.toSvg()
    if (!blob) throw new Error(t.noSvg)
    saveFile(`${titleOf(item)}.svg`, blob)
  }
  const attempt = (work: Promise<void>) =>
    void work.catch((failure: Error) => toast({ title: failure.message, tone: 'danger' }))
  const actions: MenuAction[] = [
    { id: 'logs', label: t.openInLogs, onAction: () => attempt(openLogs()) },
    {
      id: 'refresh',
      label: t.refreshItem,
      onAction: () => void client.refetchQueries({ queryKey: questionQuery(question).queryKey }),
    },
    { id: 'png', label: t.downloadPng, onAction: () => attempt(savePicture()) },
    { id: 'svg', label: t.downloadSvg, onAction: () => attempt(saveSvg()) },
  ]
  return (
    <>
      <Head item={item} editing={editing} actions={actions} />
      <QueryView item={item} chart={chart} />
    </>
  )
}

function PlainParts({ item, editing }: Props) {
  return (
    <>
      {(editing || item.title) && <Head item={item} editing={editing} actions={[]} />}
      <Content item={item} />
    </>
  )
}

function Content({ item }: { readonly item: Item }) {
  switch (item.kind) {
    case 'markdown':
      return (
        <div className={css['markdown']}>
          <Markdown text={item.text} />
        </div>
      )
    case 'parameters':
      return <ParameterControls names={item.names} />
    case 'links':
      return (
        <div className={css['links']}>
          {item.links.map(({ label, href }) => (
            <LinkButton
              key={label}
              href={href}
              {...(href.startsWith('/') ? {} : { target: '_blank', rel: 'noopener noreferrer' })}
            >
              {label}
            </LinkButton>
          ))}
        </div>
      )
    case 'foreign':
      return <p className={css['foreign']}>{t.foreign(item.source)}</p>
    default:
      return null
  }
}

interface HeadProps extends Props {
  readonly actions: readonly MenuAction[]
}

function Head({ item, editing, actions }: HeadProps) {
  const title = titleOf(item)
  const changes: MenuAction[] = editing
    ? [
        { id: 'edit', label: t.editItem, onAction: () => editing.edit(item.id) },
        { id: 'duplicate', label: t.duplicate, onAction: () => editing.duplicate(item.id) },
        { id: 'remove', label: t.removeItem, isDanger: true, onAction: () => editing.remove(item.id) },
      ]
    : []
  const all = [...changes, ...actions]
  return (
    <header className={css['head']}>
      {editing && <MoveHandle item={item} editing={editing} />}
      <h2 className={css['title']}>{title}</h2>
      {all.length > 0 && (
        <span data-screen-only>
          <Menu
            label={t.itemMenu(title)}
            placement="bottom end"
            trigger={
              <IconButton size="small" label={t.itemMenu(title)} icon={<EllipsisVertical aria-hidden />} />
            }
            items={all}
          />
        </span>
      )}
    </header>
  )
}

function MoveHandle({ item, editing }: { readonly item: Item; readonly editing: Editing }) {
  const press = (event: KeyboardEvent) => {
    if (!event.ctrlKey || !event.key.startsWith('Arrow')) return
    event.preventDefault()
    editing.step(item.id, event.key, event.shiftKey)
  }
  const start = useDrag((...how) => editing.drag(item.id, 'move', ...how))
  return (
    <button
      type="button"
      data-screen-only
      className={css['grip']}
      aria-label={t.moveItem(titleOf(item))}
      title={t.moveHint}
      onPointerDown={start}
      onKeyDown={press}
    >
      <GripVertical aria-hidden size={16} />
    </button>
  )
}

/** For pointers; by keyboard the size is changed where the item is moved. */
function ResizeHandle({ item, editing }: { readonly item: Item; readonly editing: Editing }) {
  const start = useDrag((...how) => editing.drag(item.id, 'resize', ...how))
  return <div className={css['corner']} data-screen-only aria-hidden="true" onPointerDown={start} />
}
