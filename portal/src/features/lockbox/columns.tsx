import { t } from '@/i18n/en/lockbox'
import { Status, Time, type ListColumn, type Tone } from '@/ui'
import type { LockboxRequest, LockboxStatus } from './api'

const TONES: Readonly<Record<LockboxStatus, Tone>> = {
  Pending: 'warning',
  Approved: 'info',
  Denied: 'danger',
  Expired: 'none',
  Revoked: 'danger',
  Completed: 'none',
}

export function RequestStatus({ status }: { readonly status: LockboxStatus }) {
  return <Status tone={TONES[status]} word={t.words[status]} />
}

export const COLUMNS: readonly ListColumn<LockboxRequest>[] = [
  {
    id: 'status',
    label: t.status,
    width: 190,
    grow: 0,
    value: (request) => t.words[request.properties.status],
    cell: (request) => <RequestStatus status={request.properties.status} />,
  },
  { id: 'workspace', label: t.workspace, value: (request) => workspaceName(request) },
  { id: 'by', label: t.by, value: (request) => request.properties.requestedBy },
  { id: 'why', label: t.why, grow: 2, value: (request) => request.properties.justification },
  {
    id: 'at',
    label: t.at,
    width: 196,
    grow: 0,
    value: (request) => request.properties.createdDateTime,
    cell: (request) => <Time value={request.properties.createdDateTime} />,
  },
  {
    id: 'ends',
    label: t.ends,
    width: 196,
    grow: 0,
    value: (request) => request.properties.expirationDateTime,
    cell: (request) => <Time value={request.properties.expirationDateTime} />,
  },
]

/** The last part of the resource id that is asked for. */
export function workspaceName(request: LockboxRequest): string {
  return request.properties.resourceIds[0]?.split('/').at(-1) ?? ''
}
