import { Label, Meter as AriaMeter } from 'react-aria-components'
import css from './Bar.module.css'
import { cx } from './cx'
import field from './Field.module.css'

export interface MeterProps {
  readonly label: string
  readonly isLabelHidden?: boolean
  readonly value: number
  readonly maximum?: number
  /** The value in words; else percent. */
  readonly valueLabel?: string
  /** Shares of the whole from which it warns and alarms. */
  readonly warningAt?: number
  readonly dangerAt?: number
}

/** How much of something is used. */
export function Meter(props: MeterProps) {
  const {
    label,
    isLabelHidden = false,
    value,
    maximum = 100,
    valueLabel,
    warningAt = 2,
    dangerAt = 2,
  } = props
  const share = value / maximum
  const tone = share >= dangerAt ? css['danger'] : share >= warningAt && css['warning']
  return (
    <AriaMeter
      value={value}
      maxValue={maximum}
      {...(valueLabel ? { valueLabel } : {})}
      className={css['bar']!}
    >
      {({ percentage, valueText }) => (
        <>
          <div className={css['words']}>
            <Label className={isLabelHidden ? field['hiddenLabel'] : ''}>{label}</Label>
            <span className={css['value']}>{valueText}</span>
          </div>
          <div className={css['track']}>
            <div className={cx(css['fill'], tone)} style={{ width: `${percentage}%` }} />
          </div>
        </>
      )}
    </AriaMeter>
  )
}
