import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/i18n/en/logs'
import { t as words } from '@/i18n/en/results'
import { formatBytes, formatCount } from '@/lib/format'
import { Button } from '@/ui/Button'
import { CodeBlock } from '@/ui/CodeBlock'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Loading } from '@/ui/Loading'
import type { Finding } from '../editor/check'
import { useCountedSteps } from '../results/lostRows'
import { StepList } from '../results/StepList'
import { applyEdit } from '../run/apply'
import type { RunState } from '../run/state'
import type { Tab } from '../tabs/tab'
import { explainQuery, type ExplainedResult } from './api'
import styles from './explain.module.css'
import { PlanTree } from './PlanTree'
import { useExplained, type Explained } from './useExplained'

/** What the query does and reads, stage by stage, and what would make it cheaper. */
export function ExplainView({ tab, run }: { readonly tab: Tab; readonly run: RunState }) {
  const explained = useExplained(tab, run)
  if (tab.text.trim() === '' && run.query === '') return <EmptyState title={t.explain.empty} />
  if (!explained) return <Loading />
  return <Explanation key={explained.query} explained={explained} run={run} />
}

function Explanation({ explained, run }: { readonly explained: Explained; readonly run: RunState }) {
  const { workspaces, query, timespan } = explained
  const { data, error, isPending, refetch } = useQuery(explainQuery(workspaces, query, timespan))
  if (error) return <ErrorState error={error} retry={() => void refetch()} />
  if (isPending) return <Loading />
  const ended = run.status === 'done' && run.query === query ? run : null
  return (
    <div className={styles['view']}>
      {data.advice.length > 0 && <Advice advice={data.advice} explained={explained} />}
      {data.results.map((result) => (
        <PlanTree key={result.name} result={result} run={data.results.length === 1 ? ended : null} />
      ))}
      {ended && <Steps run={ended} />}
      {data.results.map((result) => (
        <Stages key={result.name} result={result} />
      ))}
    </div>
  )
}

interface AdviceProps {
  readonly advice: readonly Finding[]
  readonly explained: Explained
}

function Advice({ advice, explained }: AdviceProps) {
  return (
    <section>
      <h2>{t.explain.advice}</h2>
      <ul className={styles['advice']}>
        {advice.map(({ start, message, advice: more, fix }) => (
          <li key={`${start}${message}`}>
            <span>
              {message} {more}
            </span>
            {fix && (
              <Button size="small" onPress={() => applyEdit(explained, fix)}>
                {t.explain.apply}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Steps({ run }: { readonly run: RunState }) {
  const [isAsked, setAsked] = useState(false)
  const counted = useCountedSteps(run, isAsked)
  return (
    <section>
      <StepList run={run} counted={counted} caption={words.rowsAfterSteps} onCount={() => setAsked(true)} />
    </section>
  )
}

function Stages({ result }: { readonly result: ExplainedResult }) {
  return (
    <section>
      {result.reads.length > 0 && <Reads result={result} />}
      <Stage title={t.explain.bound} text={result.bound} />
      {result.segments.map((segment) => (
        <Stage key={segment} title={words.segment} text={segment} />
      ))}
      {result.statements.map((statement) => (
        <div key={statement.name}>
          <Stage title={`${t.explain.sql} ${statement.name}`} text={statement.sql} />
          <Stage title={`${t.explain.enginePlan} ${statement.name}`} text={statement.enginePlan.join('\n')} />
        </div>
      ))}
    </section>
  )
}

function Reads({ result }: { readonly result: ExplainedResult }) {
  return (
    <table className={styles['reads']}>
      <caption>{t.explain.reads}</caption>
      <thead>
        <tr>
          <th scope="col">{t.explain.table}</th>
          <th scope="col">{t.explain.rows}</th>
          <th scope="col">{t.explain.bytes}</th>
          <th scope="col">{t.explain.columns}</th>
        </tr>
      </thead>
      <tbody>
        {result.reads.map((read) => (
          <tr key={read.table}>
            <th scope="row">{read.table}</th>
            <td>{read.rows === null ? t.explain.unknown : formatCount(read.rows)}</td>
            <td>{read.bytes === null ? t.explain.unknown : formatBytes(read.bytes)}</td>
            <td className={styles['columns']}>{read.columns.join(', ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Stage({ title, text }: { readonly title: string; readonly text: string }) {
  if (!text) return null
  return (
    <details>
      <summary>{title.trim()}</summary>
      <CodeBlock code={text} label={title.trim()} />
    </details>
  )
}
