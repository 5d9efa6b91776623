import { t } from '@/i18n/en/logs'
import { toast } from '@/ui/toast'
import { dropRun } from '../run/run'
import { useTabs } from './store'
import { titleOf } from './tab'

/** Closes a tab; what it held can be had back. */
export function closeTab(id: string): void {
  const { tabs, close, add } = useTabs.getState()
  const tab = tabs.find((one) => one.id === id)
  if (!tab) return
  dropRun(id)
  close(id)
  if (tab.text.trim() === '') return
  const { id: _, ...rest } = tab
  toast({
    title: t.tabs.closed(titleOf(tab) || t.tabs.untitled),
    action: { label: t.tabs.undo, onAction: () => add(rest) },
  })
}
