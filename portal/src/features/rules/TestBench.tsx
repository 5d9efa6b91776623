import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/i18n/en/rules'
import { columnsOf, type RecordColumn } from '@/lib/record-columns'
import { useSettled } from '@/lib/use-settled'
import { ErrorState, Status, TextArea } from '@/ui'
import { trialQuery, type Trial } from './api'
import css from './rules.module.css'

interface Props {
  /** The workspace's customer id. */
  readonly workspace: string | null
  /** The table that the records are for; empty compares with none. */
  readonly table: string
  /** The stream's columns; those of the sample where a rule is still to be made. */
  readonly columns?: readonly RecordColumn[] | undefined
  readonly kql: string
  readonly onKql: (kql: string) => void
  readonly onColumns?: (columns: readonly RecordColumn[]) => void
}

/** Sample records at the left, the transformation in the middle, and what comes out. */
export function TestBench({ workspace, table, columns, kql, onKql, onColumns }: Props) {
  const [sample, setSample] = useState(() => sampleOf(columns))
  const { records, found, problem } = readSample(sample)
  const trial = useSettled(
    JSON.stringify({
      transformKql: kql.trim() || 'source',
      columns: columns ?? found,
      records,
      workspace,
      table: table || undefined,
    }),
  )
  const isReady = records.length > 0
  const { data, error } = useQuery(trialQuery(isReady ? JSON.parse(trial) : null))

  function change(text: string) {
    setSample(text)
    onColumns?.(readSample(text).found)
  }

  return (
    <section aria-label={t.bench}>
      <h3>{t.bench}</h3>
      <p>{t.benchText}</p>
      <div className={css['bench']}>
        <TextArea
          label={t.sample}
          value={sample}
          onChange={change}
          rows={10}
          isCode
          {...(problem === '' ? {} : { error: problem })}
        />
        <TextArea label={t.kql} value={kql} onChange={onKql} rows={10} isCode placeholder="source" />
      </div>
      {error && <ErrorState error={error} />}
      {isReady && data && <Outcome trial={data} />}
    </section>
  )
}

function Outcome({ trial }: { readonly trial: Trial }) {
  const table = trial.table
  const notes = [
    ...trial.diagnostics.map((one) => one.message),
    ...trial.problems.map((one) =>
      one.record === undefined ? one.message : t.ofRecord(one.record, one.message),
    ),
    ...(table?.extra.length ? [t.extra(table.extra.map((one) => one.name).join(', '))] : []),
    ...(table?.different ?? []).map((one) => t.different(one.name, one.type, one.tableType)),
  ]
  return (
    <div aria-live="polite">
      <h4>{t.result}</h4>
      {trial.rows.length === 0 && <p>{t.noRows}</p>}
      {trial.rows.length > 0 && (
        <div
          className={css['result']}
          // What scrolls must be reachable by keyboard.
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          role="region"
          aria-label={t.result}
        >
          <table>
            <thead>
              <tr>
                {trial.columns.map((column) => (
                  <th key={column.name} scope="col">
                    {column.name} <small>{column.type}</small>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {trial.rows.map((row, index) => (
                // Rows have no name but their place.
                // oxlint-disable-next-line react/no-array-index-key
                <tr key={index}>
                  {trial.columns.map((column, place) => (
                    <td key={column.name}>{shown(row[place])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <ul>
        {notes.map((note) => (
          <li key={note}>
            <Status tone="warning" word={note} />
          </li>
        ))}
      </ul>
      {table && table.missing.length > 0 && (
        <p>{t.missing(table.missing.map((one) => one.name).join(', '))}</p>
      )}
    </div>
  )
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

interface Sample {
  readonly records: readonly unknown[]
  readonly found: readonly RecordColumn[]
  readonly problem: string
}

function readSample(text: string): Sample {
  if (text.trim() === '') return { records: [], found: [], problem: '' }
  try {
    const document: unknown = JSON.parse(text)
    return { records: Array.isArray(document) ? document : [document], found: columnsOf(text), problem: '' }
  } catch (failure) {
    return { records: [], found: [], problem: t.notJson(failure instanceof Error ? failure.message : '') }
  }
}

const EXAMPLES: Readonly<Record<string, unknown>> = {
  boolean: true,
  datetime: '2026-01-01T00:00:00Z',
  dynamic: {},
  guid: '00000000-0000-0000-0000-000000000000',
  int: 1,
  long: 1,
  real: 1.5,
}

/** A record with the columns of a stream. */
function sampleOf(columns: readonly RecordColumn[] | undefined): string {
  if (!columns) return ''
  const record = columns.map(({ name, type }) => [name, EXAMPLES[type.toLowerCase()] ?? 'text'] as const)
  return JSON.stringify(Object.fromEntries(record), null, 2)
}
