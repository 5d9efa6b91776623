import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useScope } from '@/app/scope'
import { t } from '@/i18n/en/tables'
import { formatBytes } from '@/lib/format'
import { useSettled } from '@/lib/use-settled'
import { Status } from '@/ui'
import { olderBytesQuery, type Table } from './api'

const DAY_MILLISECONDS = 86_400_000

interface Props {
  readonly table: Table
  /** The total retention that is filled in, and the one there is. */
  readonly days: number
  readonly before: number
}

/** What a shorter retention removes, when, and how much that is. */
export function Removal({ table, days, before }: Props) {
  const { workspace } = useScope()
  const [now] = useState(() => Date.now())
  const settled = useSettled(days)
  const isShorter = days > 0 && days < before
  const older = useQuery({
    ...olderBytesQuery(workspace ?? '', table.name, settled),
    enabled: isShorter && settled === days && workspace !== null,
  })
  if (!isShorter) return null
  const date = new Date(now - days * DAY_MILLISECONDS).toISOString().slice(0, 10)
  return (
    <>
      <Status tone="warning" word={t.shorter(days, date)} />
      {older.data !== undefined && <p>{t.older(formatBytes(older.data))}</p>}
    </>
  )
}
