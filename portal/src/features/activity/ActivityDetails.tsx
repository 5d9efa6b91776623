import { useQuery } from '@tanstack/react-query'
import { t } from '@/i18n/en/activity'
import { Button, CodeBlock, DiffView, ErrorState, KeyValues, Loading, Time } from '@/ui'
import { changeQuery, type ActivityEvent } from './api'
import { textOf } from './change-text'

interface Props {
  readonly event: ActivityEvent
  readonly onCorrelation: (correlationId: string) => void
}

/** One event with what it changed and all else that was recorded of it. */
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
      {event.correlationId !== '' && (
        <p>
          <Button size="small" onPress={() => onCorrelation(event.correlationId)}>
            {t.sameCorrelation}
          </Button>
        </p>
      )}
      <WhatChanged event={event} />
      <CodeBlock label={t.document} code={JSON.stringify(event, null, 2)} isWrapped />
    </>
  )
}

function WhatChanged({ event }: { readonly event: ActivityEvent }) {
  const change = useQuery(changeQuery(event))
  return (
    <section aria-label={t.change}>
      <h3>{t.change}</h3>
      {change.error && <ErrorState error={change.error} />}
      {!change.data && !change.error && <Loading />}
      {change.data && !change.data.isRecorded && <p>{t.changeNone}</p>}
      {change.data?.isRecorded && (
        <>
          <DiffView
            before={textOf(change.data, 'before')}
            after={textOf(change.data, 'after')}
            beforeLabel={t.before}
            afterLabel={t.after}
          />
          {change.data.more > 0 && <p>{t.changeMore(change.data.more)}</p>}
        </>
      )}
    </section>
  )
}
