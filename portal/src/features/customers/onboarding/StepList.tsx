import { t } from '@/i18n/en/onboarding'
import css from '../customers.module.css'
import type { Step } from './api'

interface Props {
  readonly steps: readonly Step[]
  /** Whether they were taken, or would be. */
  readonly areDone: boolean
}

/** What is made of a customer, and which of its settings change. */
export function StepList({ steps, areDone }: Props) {
  const words = areDone ? t.done : t.changes
  return (
    <ul className={css['plain']}>
      {steps.map((step) => (
        <li key={`${step.kind} ${step.target}`}>
          {t.kinds[step.kind]} <code>{nameOf(step)}</code> {words[step.change]}
          {step.change === 'Modify' && (
            <ul className={css['plain']}>
              {step.differences.map(({ path, before, after }) => (
                <li key={path}>
                  <code>{t.difference(path, textOf(path, before), textOf(path, after))}</code>
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  )
}

const NO_CAP = -1

/** A resource by its last name; whatever else as it is. */
function nameOf({ kind, target }: Step): string {
  return kind === 'customer' || kind === 'template' ? (target.split('/').at(-1) ?? '') : target
}

function textOf(path: string, value: unknown): string {
  const isUncapped = path === 'dailyQuotaGb' && value === NO_CAP
  if (value === undefined || value === null || isUncapped) return t.nothing
  return typeof value === 'string' ? value : JSON.stringify(value)
}
