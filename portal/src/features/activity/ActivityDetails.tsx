import { t } from '@/i18n/en/activity'
import { Button, CodeBlock, KeyValues, Time } from '@/ui'
import type { ActivityEvent } from './api'

interface Props {
  readonly event: ActivityEvent
  readonly onCorrelation: (correlationId: string) => void
}

/** One event with all that was recorded of it. */
export function ActivityDetails({ event, onCorrelation }: Props) {
  return (
    <>
      <KeyValues
        items={[
          [t.at, <Time key="at" value={event.eventTimestamp} />],
          [t.who, event.caller],
          [t.address, event.httpRequest.clientIpAddress],
          [t.resource, event.resourceId],
          [t.status, event.status.value],
          [t.code, event.subStatus.value],
          [t.correlation, event.correlationId],
        ]}
      />
      <p>
        <Button size="small" onPress={() => onCorrelation(event.correlationId)}>
          {t.sameCorrelation}
        </Button>
      </p>
      <CodeBlock label={t.document} code={JSON.stringify(event, null, 2)} isWrapped />
    </>
  )
}
