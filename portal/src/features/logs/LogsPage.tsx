import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { t } from '@/i18n/en/logs'
import { formatBytes } from '@/lib/format'
import { ConfirmDialog } from '@/ui/ConfirmDialog'
import { Splitter } from '@/ui/Splitter'
import type { Summary } from '@/workers/result'
import { KqlEditor } from './editor/KqlEditor'
import { Problems } from './editor/Problems'
import { useFindings } from './editor/useFindings'
import type { Finding } from './editor/check'
import type { NamedSchema } from './editor/engine-schema'
import { useNarrow } from './layout/useNarrow'
import { NarrowLayout } from './layout/NarrowLayout'
import { SidePane } from './layout/SidePane'
import { useKeptRuns, useOpenedRun } from './run/reattach'
import { cancel } from './run/run'
import { StatusLine } from './run/StatusLine'
import { sentTimespan } from './run/statement'
import { useRun } from './run/store'
import { Toolbar } from './run/Toolbar'
import { useRunCommand } from './run/useRunCommand'
import { ResultsPane } from './results/ResultsPane'
import { saveTab } from './save/saving'
import { ScopeBar } from './scope/ScopeBar'
import { useTabScope } from './scope/useTabScope'
import { scopeQuery, type Metadata } from './schema/metadata'
import { useNamedSchemas } from './schema/useNamedSchemas'
import { TabBar } from './tabs/TabBar'
import { textOf, useActiveTab, useTabs, workspacesOf } from './tabs/store'
import type { Keeping } from './tabs/drafts'
import type { Tab } from './tabs/tab'
import { useLinkedQuery } from './tabs/useLinkedQuery'
import styles from './logs.module.css'

/** The page of queries: tabs, editor, result, and at the side what one writes them from. */
export function LogsPage({ keeping }: { readonly keeping: Keeping }) {
  const tab = useActiveTab()
  return tab ? <Queries keeping={keeping} tab={tab} /> : null
}

function Queries({ tab, keeping }: { readonly tab: Tab; readonly keeping: Keeping }) {
  const run = useRun()
  const workspaces = workspacesOf(tab)
  const panelId = useId()
  const isNarrow = useNarrow()
  const [selection, setSelection] = useState<Summary | null>(null)
  const { data: metadata } = useQuery(scopeQuery(workspaces))
  const { start, costly, confirm, dismiss } = useRunCommand()
  const checked = useFindings(tab.id, tab.text, workspaces, sentTimespan(tab.timespan, tab.text))
  const named = useNamedSchemas(tab.text)
  useLinkedQuery(start)
  useTabScope(tab)
  useKeptRuns()
  useOpenedRun()
  const resourceId = metadata?.workspaces[0]?.resourceId
  const parts = {
    editor: (
      <EditorPane
        tab={tab}
        metadata={metadata}
        named={named}
        findings={checked?.findings ?? null}
        onRun={start}
      />
    ),
    results: <ResultsPane tab={tab} run={run} onSelection={setSelection} />,
    side: <SidePane workspaces={workspaces} workspaceResourceId={resourceId} run={run} />,
  }
  return (
    <div className={styles['page']}>
      <h1 className={styles['hidden']}>{t.title}</h1>
      <TabBar panelId={panelId} />
      <Toolbar tab={tab} checked={checked} onRun={start} workspaceResourceId={resourceId} />
      <ScopeBar tab={tab} metadata={metadata} />
      <div id={panelId} role="tabpanel" aria-label={t.tabs.label} className={styles['panes']}>
        {isNarrow ? <NarrowLayout {...parts} run={run} /> : <WideLayout {...parts} />}
      </div>
      <StatusLine run={run} keeping={keeping} selection={selection} />
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
        { id: 'side', label: t.panes.side, content: side, size: 24, minimum: 180 },
        { id: 'main', label: t.panes.resizeSide, content: right, minimum: 400 },
      ]}
    />
  )
}

interface EditorPaneProps {
  readonly tab: Tab
  readonly metadata: Metadata | undefined
  readonly named: readonly NamedSchema[]
  readonly findings: readonly Finding[] | null
  readonly onRun: () => void
}

function EditorPane({ tab, metadata, named, findings, onRun }: EditorPaneProps) {
  return (
    <section className={styles['editor']} aria-label={t.panes.editor} data-pane tabIndex={-1}>
      <div className={styles['text']}>
        <KqlEditor
          tabId={tab.id}
          text={tab.text}
          metadata={metadata}
          named={named}
          findings={findings}
          onChange={(text) => {
            if (text !== textOf(tab.id)) useTabs.getState().change(tab.id, { text })
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
