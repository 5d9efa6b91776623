import { t } from '@/i18n/en/logs'
import { useTimeZone } from '@/lib/preferences'
import { formatTimespan } from '@/lib/time'
import { Button } from '@/ui/Button'
import { EmptyState } from '@/ui/EmptyState'
import { runAgain } from '../run/run'
import type { RunState } from '../run/state'
import { activeTab, useTabs } from '../tabs/store'

const WIDER = ['PT24H', 'P7D', 'P30D', ''] as const

/** Nothing matched: in which range, and wider ones to try. */
export function NoRows({ run }: { readonly run: RunState }) {
  const timeZone = useTimeZone()
  if (run.timespan === null) return <EmptyState title={t.results.noRows} text={t.results.noRowsInQuery} />
  const wider = WIDER.filter((range) => range !== run.timespan)
  return (
    <EmptyState
      title={t.results.noRows}
      text={t.results.noRowsText(formatTimespan(run.timespan, timeZone))}
      actions={wider.map((range) => (
        <Button key={range} size="small" onPress={() => widen(range)}>
          {t.results.widen(formatTimespan(range, timeZone))}
        </Button>
      ))}
    />
  )
}

function widen(timespan: string): void {
  useTabs.getState().change(activeTab().id, { timespan })
  void runAgain(activeTab())
}
