import { t } from '@/i18n/en/results'
import { formatBytes, formatCount } from '@/lib/format'
import { formatSeconds } from '@/lib/time'
import type { RunState } from '../run/state'
import type { ExplainedResult } from './api'
import styles from './explain.module.css'
import { indexUse, readPlan, type IndexUse, type PlanNode } from './plan-tree'

interface PlanTreeProps {
  readonly result: ExplainedResult
  /** The run of the query, once it has ended: what it took, and how many rows came out. */
  readonly run: RunState | null
}

/** What is computed from what: the tables at the leaves with what is read of them, the result at the root. */
export function PlanTree({ result, run }: PlanTreeProps) {
  const uses = indexUse(result)
  const taken = run?.statistics
  return (
    <section aria-label={t.plan}>
      <h2>{t.plan}</h2>
      {taken && <p>{t.planTook(formatCount(taken.resultRows), formatSeconds(taken.elapsedSeconds))}</p>}
      <ul className={styles['plan']}>
        {readPlan(result.plan).map((node, index) => (
          // A plan doesn't change, and its nodes have no names of their own.
          // oxlint-disable-next-line react/no-array-index-key
          <Node key={index} node={node} result={result} uses={uses} />
        ))}
      </ul>
    </section>
  )
}

interface NodeProps {
  readonly node: PlanNode
  readonly result: ExplainedResult
  readonly uses: ReadonlyMap<string, IndexUse>
}

function Node({ node, result, uses }: NodeProps) {
  return (
    <li>
      <strong>{node.name}</strong> <code>{node.details}</code>
      {node.table !== '' && <Reads table={node.table} result={result} uses={uses} />}
      {node.inputs.length > 0 && (
        <ul>
          {node.inputs.map((input, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- as above
            <Node key={index} node={input} result={result} uses={uses} />
          ))}
        </ul>
      )}
    </li>
  )
}

function Reads({ table, result, uses }: { readonly table: string } & Omit<NodeProps, 'node'>) {
  const read = result.reads.find((one) => one.table === table)
  const use = uses.get(table)
  const facts = [
    ...(read && read.rows !== null && read.bytes !== null
      ? [t.readsAtMost(formatCount(read.rows), formatBytes(read.bytes))]
      : []),
    ...(use ? [t.indexLeaves(formatCount(use.read), formatCount(use.all))] : []),
  ]
  return facts.length > 0 ? <span className={styles['reading']}>{facts.join(' · ')}</span> : null
}
