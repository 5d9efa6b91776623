import type { ReactNode } from 'react'
import { Switch as AriaSwitch, type SwitchProps as AriaProps } from 'react-aria-components'
import field from './Field.module.css'
import css from './Toggle.module.css'

export interface SwitchProps extends Omit<AriaProps, 'children' | 'className' | 'style'> {
  readonly children: ReactNode
  /** What it does, and who may change it. */
  readonly description?: string
}

/** A yes or no that holds at once. */
export function Switch({ children, description, ...rest }: SwitchProps) {
  return (
    <AriaSwitch {...rest} className={css['toggle']!}>
      <span className={css['track']} />
      <span className={css['words']}>
        {children}
        {description && <span className={field['description']}>{description}</span>}
      </span>
    </AriaSwitch>
  )
}
