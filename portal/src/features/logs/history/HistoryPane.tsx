import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { Ellipsis, Trash2 } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/logs'
import { formatBytes, formatCount } from '@/lib/format'
import { formatSeconds } from '@/lib/time'
import { Button } from '@/ui/Button'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Dialog } from '@/ui/Dialog'
import { DiffView } from '@/ui/DiffView'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { IconButton } from '@/ui/IconButton'
import { Loading } from '@/ui/Loading'
import { Menu } from '@/ui/Menu'
import { SearchField } from '@/ui/SearchField'
import { Time } from '@/ui/Time'
import { activeTab, useTabs } from '../tabs/store'
import { eraseHistory, historyQuery, type HistoryEntry } from './api'
import styles from './history.module.css'

/** What one ran here before, newest first. */
export function HistoryPane() {
  const client = useQueryClient()
  const [words, setWords] = useState('')
  const search = useDeferredValue(words)
  const [isClearing, setClearing] = useState(false)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    historyQuery(search),
  )
  if (error) return <ErrorState error={error} retry={() => void refetch()} />
  const entries = data?.pages.flatMap((page) => page.value) ?? []

  async function erase(id?: string) {
    await eraseHistory(id)
    await refresh(client, ['history'])
  }

  if (data && entries.length === 0 && search === '') {
    return <EmptyState title={t.history.empty} text={t.history.emptyText} />
  }
  return (
    <div className={styles['pane']}>
      <div className={styles['head']}>
        <SearchField
          label={t.history.search}
          value={words}
          onChange={setWords}
          className={styles['search']}
        />
        <IconButton
          size="small"
          label={t.history.clear}
          icon={<Trash2 aria-hidden />}
          onPress={() => setClearing(true)}
        />
      </div>
      {data ? (
        <ul className={styles['list']}>
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} onErase={() => void erase(entry.id)} />
          ))}
          {hasNextPage && (
            <li>
              <Button size="small" isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
                {t.history.more}
              </Button>
            </li>
          )}
        </ul>
      ) : (
        <Loading />
      )}
      <ConfirmDialog
        title={t.history.clearTitle}
        isOpen={isClearing}
        isDanger
        confirmLabel={t.history.clear}
        onClose={() => setClearing(false)}
        onConfirm={() => erase()}
      >
        {t.history.clearText}
      </ConfirmDialog>
    </div>
  )
}

function Entry({ entry, onErase }: { readonly entry: HistoryEntry; readonly onErase: () => void }) {
  const [isCompared, setCompared] = useState(false)
  const { query, timespan } = entry
  const open = () => useTabs.getState().add({ text: query, ...(timespan ? { timespan } : {}) })
  const error = entry.error ?? ''
  return (
    <li className={styles['entry']}>
      <button type="button" className={styles['query']} title={t.history.open} onClick={open}>
        {query}
      </button>
      <div className={styles['facts']}>
        <Time value={entry.at} format="age" />
        {error ? (
          <span className={styles['failed']} title={error}>
            {t.history.failed}
          </span>
        ) : (
          <Cost entry={entry} />
        )}
        <span className={styles['space']} />
        <Menu
          label={t.run.more}
          placement="bottom end"
          trigger={<IconButton size="small" label={t.run.more} icon={<Ellipsis aria-hidden />} />}
          items={[
            { id: 'open', label: t.history.open, onAction: open },
            { id: 'compare', label: t.history.compare, onAction: () => setCompared(true) },
            { id: 'erase', label: t.history.remove, isDanger: true, onAction: onErase },
          ]}
        />
      </div>
      {isCompared && (
        <Dialog title={t.history.compareTitle} size="wide" isOpen onClose={() => setCompared(false)}>
          <DiffView
            before={query}
            after={activeTab().text}
            beforeLabel={t.history.before}
            afterLabel={t.history.now}
          />
        </Dialog>
      )}
    </li>
  )
}

function Cost({ entry }: { readonly entry: HistoryEntry }) {
  const facts = [
    entry.rowCount === null ? '' : t.history.rows(formatCount(entry.rowCount)),
    entry.elapsedSeconds === null ? '' : formatSeconds(entry.elapsedSeconds),
    entry.scannedBytes ? formatBytes(entry.scannedBytes) : '',
  ]
  return <span>{facts.filter((fact) => fact !== '').join(' · ')}</span>
}
