import type { ReactNode } from 'react'
import css from './State.module.css'

export interface EmptyStateProps {
  readonly title: string
  /** What to do about it. */
  readonly text?: ReactNode
  readonly actions?: ReactNode
  readonly icon?: ReactNode
}

/** Nothing here, and what to do so that there is. */
export function EmptyState({ title, text, actions, icon }: EmptyStateProps) {
  return (
    <div className={css['state']}>
      {icon}
      <h2 className={css['title']}>{title}</h2>
      {text && <div className={css['text']}>{text}</div>}
      {actions && <div className={css['actions']}>{actions}</div>}
    </div>
  )
}
