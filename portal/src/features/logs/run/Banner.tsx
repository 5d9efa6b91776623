import { TriangleAlert } from 'lucide-react'
import { t } from '@/i18n/en/logs'
import { formatCount } from '@/lib/format'
import { Button } from '@/ui/Button'
import { useTabs } from '../tabs/store'
import { LIMITS, type Tab } from '../tabs/tab'
import { runAgain } from './run'
import styles from './run.module.css'
import type { RunState } from './state'

/** Says that a result is a part, or that something is to be known about it, and offers what lifts the limit. */
export function Banner({ tab, run }: { readonly tab: Tab; readonly run: RunState }) {
  if (run.status !== 'done' || (!run.isTruncated && run.warnings.length === 0)) return null
  const next = run.limit?.kind === 'rows' ? LIMITS.find((limit) => limit > run.maximumRows) : undefined
  const words =
    run.limit?.kind === 'rows'
      ? [
          t.results.cut(formatCount(run.tables[run.shown]?.rowCount ?? 0)),
          ...run.warnings.slice(1).map(messageOf),
        ]
      : run.warnings.map(messageOf)
  return (
    <div className={styles['banner']} role="status">
      <TriangleAlert aria-hidden />
      <span>{words.join(' ')}</span>
      {next && (
        <Button
          size="small"
          onPress={() => {
            useTabs.getState().change(tab.id, { limit: next })
            void runAgain({ ...tab, limit: next })
          }}
        >
          {t.results.lift(formatCount(next))}
        </Button>
      )}
    </div>
  )
}

function messageOf({ message }: { readonly message: string }): string {
  return message
}
