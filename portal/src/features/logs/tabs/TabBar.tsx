import { Plus, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { t } from '@/i18n/en/logs'
import { IconButton } from '@/ui/IconButton'
import { closeTab } from './closing'
import { useTabs } from './store'
import styles from './tabs.module.css'
import { isUnsaved, titleOf, type Tab } from './tab'

/** The open queries. Arrows move, Insert opens, Delete closes, F2 or a double click renames. */
export function TabBar({ panelId }: { readonly panelId: string }) {
  const { tabs, active, activate, add, move } = useTabs()
  const list = useRef<HTMLDivElement>(null)
  const [renamed, setRenamed] = useState('')

  useEffect(() => {
    list.current
      ?.querySelector('[aria-selected="true"]')
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  })

  function focusTab(id: string) {
    requestAnimationFrame(() => document.getElementById(tabElementId(id))?.focus())
  }

  function step(by: number) {
    const index = tabs.findIndex((tab) => tab.id === active)
    const next = tabs[(index + by + tabs.length) % tabs.length]!
    activate(next.id)
    focusTab(next.id)
  }

  function onKeyDown(event: React.KeyboardEvent) {
    if (event.target instanceof HTMLInputElement) return
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    if (by !== 0 && event.ctrlKey && event.shiftKey) move(active, by)
    else if (by !== 0) step(by)
    else if (event.key === 'Home') step(-tabs.findIndex((tab) => tab.id === active))
    else if (event.key === 'End') step(tabs.length - 1 - tabs.findIndex((tab) => tab.id === active))
    else if (event.key === 'Insert') focusTab(add().id)
    else if (event.key === 'Delete') {
      closeTab(active)
      focusTab(useTabs.getState().active)
    } else if (event.key === 'F2') setRenamed(active)
    else return
    event.preventDefault()
  }

  return (
    <div className={styles['bar']}>
      <div
        ref={list}
        role="tablist"
        tabIndex={-1}
        aria-label={t.tabs.label}
        className={styles['list']}
        onKeyDown={onKeyDown}
      >
        {tabs.map((tab) =>
          tab.id === renamed ? (
            <RenameField key={tab.id} tab={tab} onEnd={() => setRenamed('')} />
          ) : (
            <QueryTab
              key={tab.id}
              tab={tab}
              isActive={tab.id === active}
              panelId={panelId}
              onRename={() => setRenamed(tab.id)}
            />
          ),
        )}
      </div>
      <IconButton size="small" label={t.tabs.add} icon={<Plus aria-hidden />} onPress={() => add()} />
    </div>
  )
}

interface QueryTabProps {
  readonly tab: Tab
  readonly isActive: boolean
  readonly panelId: string
  readonly onRename: () => void
}

function QueryTab({ tab, isActive, panelId, onRename }: QueryTabProps) {
  const title = titleOf(tab) || t.tabs.untitled
  return (
    <button
      type="button"
      role="tab"
      id={tabElementId(tab.id)}
      aria-selected={isActive}
      aria-controls={panelId}
      aria-keyshortcuts="Delete F2 Insert"
      tabIndex={isActive ? 0 : -1}
      className={styles['tab']}
      onClick={() => useTabs.getState().activate(tab.id)}
      onDoubleClick={onRename}
      onAuxClick={(event) => event.button === 1 && closeTab(tab.id)}
    >
      <span className={styles['title']}>{title}</span>
      {isUnsaved(tab) && (
        <span title={t.tabs.unsaved}>
          <span aria-hidden>*</span>
          <span className={styles['hidden']}>{t.tabs.unsaved}</span>
        </span>
      )}
      {/* For pointers: a tab may hold no control of its own. By keyboard Delete closes it, and so does the menu. */}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
      <span
        aria-hidden
        className={styles['close']}
        title={t.tabs.close(title)}
        onClick={(event) => {
          event.stopPropagation()
          closeTab(tab.id)
        }}
      >
        <X />
      </span>
    </button>
  )
}

function RenameField({ tab, onEnd }: { readonly tab: Tab; readonly onEnd: () => void }) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.select(), [])
  const keep = (name: string) => {
    useTabs.getState().change(tab.id, { name: name.trim() === '' ? null : name.trim() })
    onEnd()
  }
  return (
    <input
      ref={field}
      className={styles['rename']}
      aria-label={t.tabs.rename}
      defaultValue={titleOf(tab)}
      maxLength={100}
      onBlur={(event) => keep(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep(event.currentTarget.value)
        if (event.key === 'Escape') onEnd()
      }}
    />
  )
}

function tabElementId(id: string): string {
  return `query-tab-${id}`
}
