import { useQuery, useQueryClient } from '@tanstack/react-query'
import { refresh } from '@/api/refresh'
import { signOut } from '@/app/session'
import { t } from '@/i18n/en/me'
import { Badge, Button, ListTable, Time, toast, type ListColumn } from '@/ui'
import { endSession, sessionsQuery, type OwnSession } from './api'
import { describeBrowser } from './browser-name'

export function Sessions() {
  const client = useQueryClient()
  const { data, error, refetch } = useQuery(sessionsQuery)

  async function end(session: OwnSession) {
    if (session.current) return signOut()
    try {
      await endSession(session.id)
      toast(t.ended)
    } catch (failure) {
      toast({ title: failure instanceof Error ? failure.message : String(failure), tone: 'danger' })
    }
    await refresh(client, sessionsQuery.queryKey)
  }

  const columns: readonly ListColumn<OwnSession>[] = [
    {
      id: 'browser',
      label: t.browser,
      width: 180,
      value: (session) => describeBrowser(session.userAgent),
      cell: (session) => (
        <>
          {describeBrowser(session.userAgent)} {session.current && <Badge tone="accent">{t.here}</Badge>}
        </>
      ),
    },
    { id: 'address', label: t.address, value: (session) => session.address },
    {
      id: 'begun',
      label: t.begun,
      width: 160,
      value: (session) => session.createdAt,
      cell: (session) => <Time value={session.createdAt} />,
    },
    {
      id: 'seen',
      label: t.seen,
      value: (session) => session.seenAt,
      cell: (session) => <Time value={session.seenAt} format="age" />,
    },
    {
      id: 'end',
      label: t.end,
      width: 80,
      grow: 0,
      value: () => '',
      cell: (session) => (
        <Button
          size="small"
          variant="quiet"
          aria-label={t.endOf(describeBrowser(session.userAgent), session.address)}
          onPress={() => void end(session)}
        >
          {t.end}
        </Button>
      ),
    },
  ]
  return (
    <ListTable
      isPlain
      label={t.sessions}
      columns={columns}
      rows={data}
      error={error}
      retry={() => void refetch()}
      rowKey={(session) => session.id}
    />
  )
}
