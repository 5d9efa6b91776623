import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/lockbox'
import { Form, KeyValues, NumberField, TextArea, Time, toast } from '@/ui'
import { answer, hoursOf, type LockboxRequest } from './api'
import { RequestStatus } from './columns'

interface Props {
  readonly request: LockboxRequest
  /** Whether the reader is the customer, who answers, and not the operator, who asked. */
  readonly canAnswer: boolean
}

/** One request, and the customer's answer to it. */
export function RequestDetails({ request, canAnswer }: Props) {
  const { properties } = request
  return (
    <>
      <KeyValues
        items={[
          [t.status, <RequestStatus key="status" status={properties.status} />],
          [t.workspace, properties.resourceIds[0] ?? ''],
          [t.by, properties.requestedBy],
          [t.why, properties.justification],
          [t.duration, properties.duration],
          [t.at, <Time key="at" value={properties.createdDateTime} />],
          [t.ends, <Time key="ends" value={properties.expirationDateTime} />],
          ...(properties.decidedBy
            ? ([
                [t.decidedBy, properties.decidedBy],
                [t.decidedAt, <Time key="decided" value={properties.decidedDateTime} />],
                [t.reason, properties.reason ?? ''],
              ] as const)
            : []),
        ]}
      />
      {canAnswer && properties.status === 'Pending' && <Answer request={request} decision="Approve" />}
      {canAnswer && properties.status === 'Pending' && <Answer request={request} decision="Deny" />}
      {canAnswer && properties.status === 'Approved' && <Answer request={request} decision="Deny" />}
    </>
  )
}

function Answer({
  request,
  decision,
}: {
  readonly request: LockboxRequest
  readonly decision: 'Approve' | 'Deny'
}) {
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const asked = hoursOf(request.properties.duration)
  const isApproval = decision === 'Approve'
  const isEnd = request.properties.status === 'Approved'

  async function submit(form: FormData) {
    await answer(request, decision, reason, isApproval ? Number(form.get('hours')) : undefined)
    await refresh(client, ['lockbox'])
    toast(isApproval ? t.approved : t.denied)
  }

  return (
    <Form
      onSubmit={submit}
      isDanger={!isApproval}
      submitLabel={isApproval ? t.approve : isEnd ? t.endNow : t.deny}
    >
      {isApproval && (
        <NumberField
          label={t.approveHours}
          name="hours"
          defaultValue={asked}
          minValue={Math.min(0.25, asked)}
          step={0.25}
          maxValue={asked}
          formatOptions={{ maximumFractionDigits: 2 }}
          isRequired
        />
      )}
      <TextArea label={t.reason} name="reason" rows={2} value={reason} onChange={setReason} />
    </Form>
  )
}
