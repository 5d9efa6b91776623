import { useQuery } from '@tanstack/react-query'
import { t } from '@/i18n/en/logs'
import { formatBytes, formatCount } from '@/lib/format'
import { Button } from '@/ui/Button'
import { CodeBlock } from '@/ui/CodeBlock'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Loading } from '@/ui/Loading'
import type { Fix } from '../editor/check'
import { currentEditor } from '../editor/handle'
import { sentTimespan } from '../run/statement'
import type { RunState } from '../run/state'
import { workspacesOf } from '../tabs/store'
import type { Tab } from '../tabs/tab'
import { explainQuery, type ExplainedResult } from './api'
import styles from './explain.module.css'

/** What the query would do and read, stage by stage, and what would make it cheaper. Nothing is run for it. */
export function ExplainView({ tab, run }: { readonly tab: Tab; readonly run: RunState }) {
  const text = run.query || tab.text
  const timespan = sentTimespan(tab.timespan, text)
  const { data, error, isPending, refetch } = useQuery(explainQuery(workspacesOf(tab), text, timespan))
  if (text.trim() === '') return <EmptyState title={t.explain.empty} />
  if (error) return <ErrorState error={error} retry={() => void refetch()} />
  if (isPending) return <Loading />
  const { advice, results } = data
  return (
    <div className={styles['view']}>
      {advice.length > 0 && (
        <section>
          <h2>{t.explain.advice}</h2>
          <ul className={styles['advice']}>
            {advice.map(({ message, advice: more, fix }) => (
              <li key={message}>
                <span>
                  {message} {more}
                </span>
                {fix && (
                  <Button size="small" onPress={() => applyFix(text, fix)}>
                    {t.explain.apply}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {results.map((result) => (
        <Explained key={result.name} result={result} />
      ))}
    </div>
  )
}

function Explained({ result }: { readonly result: ExplainedResult }) {
  return (
    <section>
      {result.reads.length > 0 && <Reads result={result} />}
      <Stage title={t.explain.plan} text={result.plan} isOpen />
      <Stage title={t.explain.bound} text={result.bound} />
      {result.segments.map((segment) => (
        <Stage key={segment} title={t.explain.plan} text={segment} />
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

function Stage({
  title,
  text,
  isOpen,
}: {
  readonly title: string
  readonly text: string
  readonly isOpen?: boolean
}) {
  if (!text) return null
  return (
    <details open={isOpen}>
      <summary>{title.trim()}</summary>
      <CodeBlock code={text} label={title.trim()} />
    </details>
  )
}

/** The fix is about the text that was explained; it is applied where that text stands in the editor. */
function applyFix(explained: string, { start, end, text }: Fix): void {
  const editor = currentEditor()
  const at = editor?.getText().indexOf(explained) ?? -1
  if (!editor || at === -1) return
  editor.replace({ start: at + start, end: at + end }, text, {
    flash: { start: at + start, end: at + start + text.length },
  })
}
