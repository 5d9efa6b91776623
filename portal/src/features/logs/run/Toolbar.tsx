import { CircleStop, Ellipsis, Play } from 'lucide-react'
import { t } from '@/i18n/en/logs'
import { formatCount } from '@/lib/format'
import { Button } from '@/ui/Button'
import { IconButton } from '@/ui/IconButton'
import { Menu } from '@/ui/Menu'
import { TimeRangePicker } from '@/ui/TimeRangePicker'
import type { Checked } from '../editor/useFindings'
import { currentEditor } from '../editor/handle'
import { ExportMenu } from '../export/ExportMenu'
import { SaveButton } from '../save/SaveButton'
import { ShareButton } from '../share/ShareButton'
import { tabStore } from '../tabs/store'
import { closeTab } from '../tabs/closing'
import { LIMITS, type Tab } from '../tabs/tab'
import { Estimate } from './Estimate'
import { cancel } from './run'
import { isUnderWay } from './state'
import { filtersTime } from './statement'
import { useRun } from './store'
import styles from './run.module.css'

interface ToolbarProps {
  readonly tab: Tab
  readonly checked: Checked | null
  readonly onRun: () => void
  readonly workspaceResourceId: string | undefined
}

/** What one does with a query: run it, over which time, keep it, pass it on. */
export function Toolbar({ tab, checked, onRun, workspaceResourceId }: ToolbarProps) {
  const run = useRun()
  const { change } = tabStore()
  return (
    <div role="toolbar" aria-label={t.panes.editor} className={styles['toolbar']}>
      {isUnderWay(run) && !run.isBackground ? (
        <Button icon={<CircleStop aria-hidden />} onPress={() => void cancel(tab.id)}>
          {t.run.cancel}
        </Button>
      ) : (
        <Button
          variant="primary"
          icon={<Play aria-hidden />}
          isDisabled={tab.text.trim() === ''}
          onPress={onRun}
        >
          {t.run.run}
        </Button>
      )}
      <TimeRangePicker
        value={tab.timespan}
        isSetInQuery={filtersTime(tab.text)}
        allowsAll
        onChange={(timespan) => change(tab.id, { timespan })}
      />
      <LimitMenu tab={tab} />
      <Estimate tab={tab} checked={checked} />
      <span className={styles['space']} />
      <SaveButton tab={tab} workspaceResourceId={workspaceResourceId} />
      <ShareButton tab={tab} />
      <ExportMenu tab={tab} />
      <Menu
        label={t.run.more}
        placement="bottom end"
        trigger={<IconButton label={t.run.more} icon={<Ellipsis aria-hidden />} />}
        items={[
          {
            id: 'format',
            label: t.run.format,
            keys: 'Alt Shift F',
            onAction: () => currentEditor()?.format(),
          },
          {
            id: 'comment',
            label: t.run.comment,
            keys: 'Ctrl /',
            onAction: () => currentEditor()?.toggleComment(),
          },
          { id: 'close', label: t.tabs.closeThis, keys: 'Delete', onAction: () => closeTab(tab.id) },
          {
            id: 'copy',
            label: t.run.copyQuery,
            onAction: () => void navigator.clipboard.writeText(tab.text),
          },
        ]}
      />
    </div>
  )
}

function LimitMenu({ tab }: { readonly tab: Tab }) {
  const words = t.run.limitOf(formatCount(tab.limit))
  return (
    <Menu
      label={t.run.limit}
      trigger={<Button>{words}</Button>}
      items={LIMITS.map((limit) => ({
        id: String(limit),
        label: formatCount(limit),
        onAction: () => tabStore().change(tab.id, { limit }),
      }))}
    />
  )
}
