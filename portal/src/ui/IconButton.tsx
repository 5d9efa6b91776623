import type { ReactNode } from 'react'
import { Button as AriaButton } from 'react-aria-components'
import { buttonClass, type ButtonProps } from './Button'
import css from './Button.module.css'
import { cx } from './cx'
import { Tooltip } from './Tooltip'

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon' | 'isPending' | 'aria-label'> {
  /** Its name, shown when one points at it. */
  readonly label: string
  readonly icon: ReactNode
  readonly isActive?: boolean
}

export function IconButton({
  label,
  icon,
  variant = 'quiet',
  size,
  isActive,
  className,
  ...rest
}: IconButtonProps) {
  const classes = cx(css['icon'], isActive && css['active'], className)
  return (
    <Tooltip text={label}>
      <AriaButton {...rest} aria-label={label} className={buttonClass(variant, size, classes)}>
        {icon}
      </AriaButton>
    </Tooltip>
  )
}
