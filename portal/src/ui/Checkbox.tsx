import { Check, Minus } from 'lucide-react'
import type { ReactNode } from 'react'
import { Checkbox as AriaCheckbox, type CheckboxProps as AriaProps } from 'react-aria-components'
import field from './Field.module.css'
import css from './Toggle.module.css'

export interface CheckboxProps extends Omit<AriaProps, 'children' | 'className' | 'style'> {
  readonly children?: ReactNode
  readonly description?: string
}

/** A yes or no that is sent with a form. Without children it needs an `aria-label`. */
export function Checkbox({ children, description, ...rest }: CheckboxProps) {
  return (
    <AriaCheckbox {...rest} className={css['toggle']!}>
      {({ isIndeterminate }) => (
        <>
          <span className={css['mark']}>
            {isIndeterminate ? <Minus aria-hidden /> : <Check aria-hidden />}
          </span>
          {children && (
            <span className={css['words']}>
              {children}
              {description && <span className={field['description']}>{description}</span>}
            </span>
          )}
        </>
      )}
    </AriaCheckbox>
  )
}
