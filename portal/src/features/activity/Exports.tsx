import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { useScope, workspacePath } from '@/app/scope'
import { t } from '@/i18n/en/activity'
import { csvText } from '@/lib/format'
import { writeQueryHash } from '@/lib/query-link'
import { Button, saveFile, toast } from '@/ui'
import { activityText, MOST_EXPORTED, readEvents, type ActivityEvent, type ActivityFilter } from './api'

const HEADINGS = [t.at, t.who, t.what, t.resource, t.status, t.code, t.address, t.correlation]

function csvOf(events: readonly ActivityEvent[]): string {
  const lines = events.map((event) => [
    event.eventTimestamp,
    event.caller,
    event.operationName.value,
    event.resourceId,
    event.status.value,
    event.subStatus.value,
    event.httpRequest.clientIpAddress,
    event.correlationId,
  ])
  return csvText([HEADINGS, ...lines])
}

/** All that the filter finds as a file, and the same in Logs. */
export function Exports({ filter }: { readonly filter: ActivityFilter }) {
  const { tenant, workspace } = useScope()
  const router = useRouter()
  const [isReading, setReading] = useState(false)

  async function save(kind: 'csv' | 'json') {
    setReading(true)
    try {
      const events = await readEvents(filter)
      if (kind === 'csv') saveFile(t.fileName('csv'), new Blob([csvOf(events)], { type: 'text/csv' }))
      else
        saveFile(
          t.fileName('json'),
          new Blob([JSON.stringify(events, null, 2)], { type: 'application/json' }),
        )
      if (events.length === MOST_EXPORTED) toast(t.exportCut(MOST_EXPORTED))
    } catch (failure) {
      toast(failure instanceof Error ? failure.message : String(failure))
    } finally {
      setReading(false)
    }
  }

  async function openInLogs(workspaceId: string) {
    const linked = { query: activityText(filter), timespan: filter.timespan, run: true }
    await router.navigate({
      href: `${workspacePath(tenant, workspaceId, 'logs')}${await writeQueryHash(linked)}`,
    })
  }

  return (
    <>
      <Button size="small" isPending={isReading} onPress={() => void save('csv')}>
        {t.exportCsv}
      </Button>
      <Button size="small" isPending={isReading} onPress={() => void save('json')}>
        {t.exportJson}
      </Button>
      {workspace !== null && (
        <Button size="small" onPress={() => void openInLogs(workspace)}>
          {t.openInLogs}
        </Button>
      )}
    </>
  )
}
