import { Label, ProgressBar as AriaProgressBar } from 'react-aria-components'
import css from './Bar.module.css'
import { cx } from './cx'

export interface ProgressBarProps {
  readonly label: string
  /** Percent; absent while nobody knows how much there is to do. */
  readonly value?: number | undefined
  readonly valueLabel?: string
}

export function ProgressBar({ label, value, valueLabel }: ProgressBarProps) {
  const known = value === undefined ? { isIndeterminate: true } : { value }
  return (
    <AriaProgressBar {...known} {...(valueLabel ? { valueLabel } : {})} className={css['bar']!}>
      {({ percentage, valueText }) => (
        <>
          <div className={css['words']}>
            <Label>{label}</Label>
            <span className={css['value']}>{valueText}</span>
          </div>
          <div className={css['track']}>
            <div
              className={cx(css['fill'], value === undefined && css['endless'])}
              style={value === undefined ? {} : { width: `${percentage}%` }}
            />
          </div>
        </>
      )}
    </AriaProgressBar>
  )
}
