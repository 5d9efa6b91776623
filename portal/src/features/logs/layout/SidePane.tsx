import { useState } from 'react'
import { t } from '@/i18n/en/logs'
import { Tabs } from '@/ui/Tabs'
import { FieldsSide } from '../results/FieldsSide'
import { HistoryPane } from '../history/HistoryPane'
import type { RunState } from '../run/state'
import { SavedPane } from '../save/SavedPane'
import { SchemaPane } from '../schema/SchemaPane'
import styles from '../logs.module.css'

interface SidePaneProps {
  readonly workspaces: readonly string[]
  readonly workspaceResourceId: string | undefined
  readonly run: RunState
}

/** What queries are written from: names, values, what was saved, what was run. */
export function SidePane({ workspaces, workspaceResourceId, run }: SidePaneProps) {
  const [shown, setShown] = useState('schema')
  const pane = (content: React.ReactNode) => <div className={styles['side']}>{content}</div>
  return (
    <div className={styles['sideFrame']}>
      <Tabs
        label={t.panes.side}
        selected={shown}
        onChange={setShown}
        items={[
          { id: 'schema', label: t.panes.schema, content: pane(<SchemaPane workspaces={workspaces} />) },
          { id: 'fields', label: t.panes.fields, content: pane(<FieldsSide run={run} />) },
          {
            id: 'saved',
            label: t.panes.saved,
            content: pane(<SavedPane workspaceId={workspaceResourceId} />),
          },
          { id: 'history', label: t.panes.history, content: pane(<HistoryPane />) },
        ]}
      />
    </div>
  )
}
