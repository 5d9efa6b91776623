import { useQuery } from '@tanstack/react-query'
import { useEffect, useId, useRef } from 'react'
import { t } from '@/i18n/en/logs'
import { formatBytes } from '@/lib/format'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Splitter } from '@/ui/Splitter'
import { KqlEditor } from './editor/KqlEditor'
import { Problems } from './editor/Problems'
import { useFindings } from './editor/useFindings'
import { useNarrow } from './layout/useNarrow'
import { NarrowLayout } from './layout/NarrowLayout'
import { SidePane } from './layout/SidePane'
import { cancel } from './run/run'
import { StatusLine } from './run/StatusLine'
import { useRun } from './run/store'
import { Toolbar } from './run/Toolbar'
import { useRunCommand } from './run/useRunCommand'
import { ResultsPane } from './results/ResultsPane'
import { saveTab } from './save/saving'
import { metadataQuery } from './schema/metadata'
import { TabBar } from './tabs/TabBar'
import { useActiveTab, useTabs } from './tabs/store'
import type { Tab } from './tabs/tab'
import styles from './logs.module.css'

interface LogsPageProps {
  readonly workspace: string
  readonly isKept: boolean
  readonly runAtOnce: boolean
}

/** The page of queries: tabs, editor, result, and at the side what one writes them from. */
export function LogsPage({ workspace, isKept, runAtOnce }: LogsPageProps) {
  const tab = useActiveTab()
  const run = useRun()
  const panelId = useId()
  const isNarrow = useNarrow()
  const { data: metadata } = useQuery(metadataQuery(workspace))
  const { start, costly, confirm, dismiss } = useRunCommand()
  const resourceId = metadata?.workspaces[0]?.resourceId

  const isDue = useRef(runAtOnce)
  useEffect(() => {
    if (!isDue.current || !tab) return
    isDue.current = false
    start()
  }, [tab, start])

  if (!tab) return null
  const editor = <EditorPane tab={tab} workspace={workspace} onRun={start} />
  const results = <ResultsPane tab={tab} run={run} />
  const side = <SidePane workspace={workspace} workspaceResourceId={resourceId} />
  return (
    <div className={styles['page']}>
      <h1 className={styles['hidden']}>{t.title}</h1>
      <TabBar panelId={panelId} />
      <Toolbar tab={tab} onRun={start} workspaceResourceId={resourceId} />
      <div id={panelId} role="tabpanel" aria-label={t.tabs.label} className={styles['panes']}>
        {isNarrow ? (
          <NarrowLayout editor={editor} results={results} side={side} run={run} />
        ) : (
          <WideLayout editor={editor} results={results} side={side} />
        )}
      </div>
      <StatusLine run={run} isKept={isKept} selection={null} />
      <ConfirmDialog
        title={t.run.expensive}
        isOpen={costly !== null}
        onClose={dismiss}
        onConfirm={confirm}
        confirmLabel={t.run.runAnyway}
      >
        {t.run.expensiveText(formatBytes(costly ?? 0))}
      </ConfirmDialog>
    </div>
  )
}

interface Parts {
  readonly editor: React.ReactNode
  readonly results: React.ReactNode
  readonly side: React.ReactNode
}

function WideLayout({ editor, results, side }: Parts) {
  const right = (
    <Splitter
      id="logs.editor"
      orientation="vertical"
      panes={[
        { id: 'editor', label: t.panes.editor, content: editor, size: 32, minimum: 80 },
        { id: 'results', label: t.panes.resizeEditor, content: results, minimum: 120 },
      ]}
    />
  )
  return (
    <Splitter
      id="logs.side"
      panes={[
        { id: 'side', label: t.panes.side, content: side, size: 20, minimum: 180 },
        { id: 'main', label: t.panes.resizeSide, content: right, minimum: 400 },
      ]}
    />
  )
}

interface EditorPaneProps {
  readonly tab: Tab
  readonly workspace: string
  readonly onRun: () => void
}

function EditorPane({ tab, workspace, onRun }: EditorPaneProps) {
  const { data: metadata } = useQuery(metadataQuery(workspace))
  const findings = useFindings(tab.id, tab.text, [workspace, ...tab.also])
  return (
    <section className={styles['editor']} aria-label={t.panes.editor}>
      <div className={styles['text']}>
        <KqlEditor
          tabId={tab.id}
          text={tab.text}
          metadata={metadata}
          findings={findings}
          onChange={(text) => {
            if (text !== tab.text) useTabs.getState().change(tab.id, { text })
          }}
          onRun={onRun}
          onCancel={() => void cancel(tab.id)}
          onSave={() => void saveTab(tab)}
        />
      </div>
      <Problems text={tab.text} findings={findings ?? []} />
    </section>
  )
}
