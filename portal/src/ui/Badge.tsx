import type { ReactNode } from 'react'
import css from './Badge.module.css'
import { cx } from './cx'

export interface BadgeProps {
  readonly children: ReactNode
  readonly tone?: 'neutral' | 'accent' | 'ok' | 'info' | 'warning' | 'danger'
}

/** A word or a number about something: guest, new, 3. */
export function Badge({ children, tone = 'neutral' }: BadgeProps) {
  return <span className={cx(css['badge'], css[tone])}>{children}</span>
}
