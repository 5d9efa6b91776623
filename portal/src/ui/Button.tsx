import { LoaderCircle } from 'lucide-react'
import type { ReactNode, Ref } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components'
import css from './Button.module.css'
import { cx } from './cx'

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger'

export interface ButtonProps extends Omit<AriaButtonProps, 'children' | 'className' | 'style'> {
  readonly children?: ReactNode
  readonly variant?: ButtonVariant
  readonly size?: 'normal' | 'small'
  readonly icon?: ReactNode
  readonly className?: string | undefined
  readonly ref?: Ref<HTMLButtonElement>
}

/** A button with a word on it; `isPending` shows work and takes no second press. */
export function Button({ children, variant = 'secondary', size, icon, className, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={buttonClass(variant, size, className)}>
      {rest.isPending ? <LoaderCircle className={css['spinner']} aria-hidden /> : icon}
      {children}
    </AriaButton>
  )
}

export function buttonClass(
  variant: ButtonVariant,
  size: 'normal' | 'small' = 'normal',
  more?: string,
): string {
  return cx(css['button'], variant !== 'secondary' && css[variant], size === 'small' && css['small'], more)
}
