import { useEffect, useRef, useState } from 'react'
import { ApiError } from '@/api/client'
import { useTimeZone } from '@/lib/preferences'
import type { Result } from '@/workers/result'
import { FieldsPane, type AllRowsCounts } from '../fields/FieldsPane'
import { runChild } from '../run/child'
import { editQuery } from '../run/edit'
import type { RunState } from '../run/state'
import { queryName } from '../schema/search'
import { allMatches } from './matches'

const MOST_VALUES = 500

/** The columns of the shown result and their values; over all rows by a query of its own, when asked. */
export function FieldsSide({ run }: { readonly run: RunState }) {
  return <Fields key={run.id} run={run} result={run.result} />
}

function Fields({ run, result }: { readonly run: RunState; readonly result: Result | null }) {
  const timeZone = useTimeZone()
  const [allRows, setAllRows] = useState<AllRowsCounts | null>(null)
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
        const values = rows.map((row) => {
          const text = String(row[value] ?? '')
          return { text, shown: text, count: Number(row[1 - value]) }
        })
        setAllRows({ column, values, isLoading: false, error: null })
      },
      (failure: unknown) => {
        if (!gone.signal.aborted)
          setAllRows({
            column,
            values: [],
            isLoading: false,
            error: failure instanceof ApiError ? failure : new ApiError(0, 'Failed', String(failure)),
          })
      },
    )
  }

  return (
    <FieldsPane
      result={result}
      timeZone={timeZone}
      onEdit={(edit) => void editQuery(edit)}
      onAllRows={countAll}
      allRows={allRows}
    />
  )
}
