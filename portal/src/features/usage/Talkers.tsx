import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { useScope, workspacePath } from '@/app/scope'
import { t } from '@/i18n/en/usage'
import { writeQueryHash } from '@/lib/query-link'
import { Button, Bytes, Count, EmptyState, ListTable, Section, Select, type ListColumn } from '@/ui'
import { talkersQuery, talkersText, type Talker, type TalkerRow } from './api'

const LAST_DAY = 'PT24H'
const COLUMNS_OF = Object.entries(t.talkerColumns).map(([id, label]) => ({ id: id as Talker, label }))

const COLUMNS: readonly ListColumn<TalkerRow>[] = [
  { id: 'sender', label: t.sender, grow: 2, value: (row) => row.name || t.nobody },
  {
    id: 'volume',
    label: t.volume,
    align: 'end',
    value: (row) => row.bytes,
    cell: (row) => <Bytes value={row.bytes} />,
  },
  {
    id: 'records',
    label: t.records,
    align: 'end',
    value: (row) => row.records,
    cell: (row) => <Count value={row.records} />,
  },
  { id: 'tables', label: t.ofTables, grow: 2, value: (row) => row.tables.join(', ') },
]

/** Computers or resources by what they sent; asked when somebody wants to know, since it reads all tables. */
export function Talkers({ workspaceId }: { readonly workspaceId: string }) {
  const { tenant } = useScope()
  const router = useRouter()
  const [by, setBy] = useState<Talker>('Computer')
  const [isAsked, setAsked] = useState(false)
  const talkers = useQuery({ ...talkersQuery(workspaceId, by, LAST_DAY), enabled: isAsked })

  async function openInLogs() {
    const hash = await writeQueryHash({ query: talkersText(by), timespan: LAST_DAY, run: true })
    await router.navigate({ href: `${workspacePath(tenant, workspaceId, 'logs')}${hash}` })
  }

  const choice = <Select label={t.talkersBy} isLabelHidden items={COLUMNS_OF} value={by} onChange={setBy} />
  return (
    <Section title={t.talkers}>
      <p>{t.talkersText}</p>
      {isAsked ? (
        <ListTable
          label={t.talkers}
          columns={COLUMNS}
          rows={talkers.data}
          rowKey={(row) => `of ${row.name}`}
          error={talkers.error}
          retry={() => void talkers.refetch()}
          empty={<EmptyState title={t.talkersNone} />}
          urlPrefix="talkers."
          tools={
            <>
              {choice}
              <Button size="small" onPress={() => void openInLogs()}>
                {t.openInLogs}
              </Button>
            </>
          }
          isPlain
        />
      ) : (
        <div>
          <Button onPress={() => setAsked(true)}>{t.talkersFind}</Button>
        </div>
      )}
    </Section>
  )
}
