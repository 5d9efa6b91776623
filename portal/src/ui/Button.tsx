import { LoaderCircle } from 'lucide-react'
import type { ReactNode, Ref } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components'
import css from './Button.module.css'
import { cx } from './cx'

export type ButtonVariant = 'primary' | 'secondary' | 'quiet' | 'danger'

export interface ButtonProps extends Omit<AriaButtonProps, 'children' | 'className' | 'style' | 'isPending'> {
  readonly children?: ReactNode
  readonly variant?: ButtonVariant
  readonly size?: 'normal' | 'small'
  readonly icon?: ReactNode
  /** Work is on its way: it turns, keeps the focus, and takes no second press. */
  readonly isPending?: boolean
  readonly className?: string | undefined
  readonly ref?: Ref<HTMLButtonElement>
}

/** A button with a word on it. */
export function Button(props: ButtonProps) {
  const {
    children,
    variant = 'secondary',
    size,
    icon,
    isPending = false,
    className,
    onPress,
    type,
    ...rest
  } = props
  return (
    <AriaButton
      {...rest}
      type={isPending ? 'button' : (type ?? 'button')}
      {...(isPending ? { 'aria-disabled': true } : {})}
      {...(onPress && !isPending ? { onPress } : {})}
      className={buttonClass(variant, size, className)}
    >
      {isPending ? <LoaderCircle className={css['spinner']} aria-hidden /> : icon}
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
