import type { ReactNode } from 'react'
import { Link, type LinkProps } from 'react-aria-components'
import { buttonClass, type ButtonVariant } from './Button'

export interface LinkButtonProps extends Omit<LinkProps, 'children' | 'className' | 'style'> {
  readonly children: ReactNode
  readonly href: string
  readonly variant?: ButtonVariant
  readonly size?: 'normal' | 'small'
  readonly icon?: ReactNode
}

/** A link that looks like a button: it leads somewhere, it changes nothing. */
export function LinkButton({ children, variant = 'secondary', size, icon, ...rest }: LinkButtonProps) {
  return (
    <Link {...rest} className={buttonClass(variant, size)}>
      {icon}
      {children}
    </Link>
  )
}
