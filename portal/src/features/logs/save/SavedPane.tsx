import { useQuery, useQueryClient } from '@tanstack/react-query'
import { SquareFunction, Star, Trash2, Users } from 'lucide-react'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/logs'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { cx } from '@/ui/cx'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { IconButton } from '@/ui/IconButton'
import { Loading } from '@/ui/Loading'
import { SearchField } from '@/ui/SearchField'
import { toast } from '@/ui/toast'
import pane from '../pane.module.css'
import { useTabs } from '../tabs/store'
import { deletePackQuery, deleteSearch } from './api'
import { packQueriesQuery, searchesQuery } from './queries'
import { openSaved } from './saving'
import styles from './save.module.css'
import { groupItems, itemOfPack, itemOfSearch, type SavedItem } from './tree'

const ICONS = { search: Star, function: SquareFunction, pack: Users } as const

/** Saved searches, functions and the queries of packs, in one list. */
export function SavedPane({ workspaceId }: { readonly workspaceId: string | undefined }) {
  const searches = useQuery({ ...searchesQuery(workspaceId ?? ''), enabled: Boolean(workspaceId) })
  const packs = useQuery({ ...packQueriesQuery(workspaceId ?? ''), enabled: Boolean(workspaceId) })
  const [words, setWords] = useState('')
  const [deleted, setDeleted] = useState<SavedItem | null>(null)
  const error = searches.error ?? packs.error
  if (error) return <ErrorState error={error} retry={() => void searches.refetch()} />
  if (!searches.data) return <Loading />
  const items = [...searches.data.map(itemOfSearch), ...(packs.data ?? []).map(itemOfPack)]
  if (items.length === 0) return <EmptyState title={t.saved.empty} text={t.saved.emptyText} />
  return (
    <div className={pane['pane']}>
      <SearchField label={t.saved.search} value={words} onChange={setWords} className={pane['search']} />
      <div className={pane['tree']}>
        {groupItems(items, words).map((group) => (
          <section key={group.name}>
            <h2 className={pane['heading']}>{group.name}</h2>
            <ul className={pane['list']}>
              {group.items.map((item) => (
                <Item key={item.id} item={item} onDelete={() => setDeleted(item)} />
              ))}
            </ul>
          </section>
        ))}
      </div>
      {deleted && <DeleteDialog item={deleted} onClose={() => setDeleted(null)} />}
    </div>
  )
}

function Item({ item, onDelete }: { readonly item: SavedItem; readonly onDelete: () => void }) {
  const Icon = ICONS[item.kind]
  const open = () =>
    item.search ? openSaved(item.search) : useTabs.getState().add({ name: item.name, text: item.text })
  return (
    <li className={cx(pane['row'], styles['row'])}>
      <Icon aria-hidden />
      <button
        type="button"
        className={cx(pane['name'], styles['name'])}
        aria-label={t.saved.open(item.name)}
        title={item.text}
        onClick={open}
      >
        {item.name}
        {item.call && <code>{item.call}</code>}
      </button>
      <IconButton
        size="small"
        label={t.saved.remove(item.name)}
        icon={<Trash2 aria-hidden />}
        className={pane['action']}
        onPress={onDelete}
      />
    </li>
  )
}

function DeleteDialog({ item, onClose }: { readonly item: SavedItem; readonly onClose: () => void }) {
  const client = useQueryClient()
  async function remove() {
    await (item.kind === 'pack' ? deletePackQuery(item.id) : deleteSearch(item.id))
    await refresh(client, ['saved'])
    if (item.kind === 'function') await refresh(client, ['metadata'])
    toast(t.saved.removed(item.name))
    onClose()
  }
  return (
    <ConfirmDialog
      title={t.saved.remove(item.name)}
      isOpen
      onClose={onClose}
      onConfirm={remove}
      confirmLabel={t.saved.remove(item.name)}
      name={item.name}
    >
      {item.kind === 'function' ? <p>{t.saved.lost}</p> : <code>{item.text}</code>}
    </ConfirmDialog>
  )
}
