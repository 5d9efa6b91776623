import { useEffect, useRef, useState } from 'react'
import { t } from '@/i18n/en/logs'
import { EmptyState } from '@/ui/EmptyState'
import type { Result } from '@/workers/result'
import { FieldsPane, type AllRows } from '../fields'
import { runChild } from '../run/child'
import { editQuery } from '../run/edit'
import type { RunState } from '../run/state'
import { queryName } from '../schema/search'
import { allMatches } from './matches'

const MOST_VALUES = 500

/** The columns of the shown result and their values; over all rows by a query of its own, when asked. */
export function FieldsSide({ run }: { readonly run: RunState }) {
  if (!run.result) return <EmptyState title={t.panes.fields} text={t.panes.fieldsEmpty} />
  return <Fields key={run.id} run={run} result={run.result} />
}

function Fields({ run, result }: { readonly run: RunState; readonly result: Result }) {
  const [allRows, setAllRows] = useState<AllRows | null>(null)
  const asked = useRef<AbortController>(null)
  useEffect(() => () => asked.current?.abort(), [])

  function countAll(column: string) {
    asked.current?.abort()
    const gone = new AbortController()
    asked.current = gone
    setAllRows({ column, values: [], isLoading: true, error: null })
    const body = allMatches(run.query).replace(/;\s*$/, '')
    const query = `${body}\n| summarize Count = count() by Value = tostring(${queryName(column)})\n| top ${MOST_VALUES} by Count`
    runChild(run, { query, purpose: 'field' }, gone.signal).then(
      ({ columns, rows }) => {
        const value = columns.findIndex(({ name }) => name === 'Value')
        const values = rows.map((row) => ({ text: String(row[value] ?? ''), count: Number(row[1 - value]) }))
        setAllRows({ column, values, isLoading: false, error: null })
      },
      (failure: unknown) => {
        if (!gone.signal.aborted) setAllRows({ column, values: [], isLoading: false, error: failure as Error })
      },
    )
  }

  return (
    <FieldsPane result={result} onEdit={(edit) => void editQuery(edit)} onAllRows={countAll} allRows={allRows} />
  )
}
