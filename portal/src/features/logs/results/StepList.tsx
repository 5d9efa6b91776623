import { t } from '@/i18n/en/results'
import { formatBytes, formatCount } from '@/lib/format'
import { Button } from '@/ui/Button'
import { ErrorState } from '@/ui/ErrorState'
import { applyEdit } from '../run/apply'
import type { RunState } from '../run/state'
import type { CountedSteps, Step } from './lostRows'
import styles from './steps.module.css'

interface StepListProps {
  readonly run: RunState
  readonly counted: CountedSteps
  readonly caption?: string
  readonly onCount: () => void
}

/** The steps of a query with the rows that each leaves; the first that leaves none says so, and can be taken out. */
export function StepList({ run, counted, caption = t.steps, onCount }: StepListProps) {
  const { steps, rows, waitsFor, isCounting, error } = counted
  if (error) return <ErrorState error={error} />
  if (waitsFor) {
    const cost = waitsFor.bytes === null ? t.costUnknown : t.cost(formatBytes(waitsFor.bytes))
    return (
      <p className={styles['held']}>
        {cost}
        <Button size="small" onPress={onCount}>
          {t.count}
        </Button>
      </p>
    )
  }
  const culprit = rows?.findIndex((count) => count === 0) ?? -1
  return (
    <table className={styles['steps']} aria-busy={isCounting}>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t.step}</th>
          <th scope="col">{t.rowsLeft}</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step, index) => (
          <tr key={step.start} data-culprit={index === culprit || undefined}>
            <th scope="row">
              <code>{step.text}</code>
              {index === culprit && index > 0 && <RemovesAll run={run} step={step} />}
            </th>
            <td>{rows?.[index] === undefined ? '…' : formatCount(rows[index])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function RemovesAll({ run, step }: { readonly run: RunState; readonly step: Step }) {
  const { removal } = step
  return (
    <span className={styles['verdict']}>
      <strong>{t.removesAll}</strong>
      {removal && (
        <Button size="small" onPress={() => applyEdit(run, { ...removal, text: '' }, true)}>
          {t.takeOut}
        </Button>
      )}
    </span>
  )
}
