import { useEffect, type ReactNode } from 'react'
import { t } from '@/i18n/en/ui'
import css from './Page.module.css'

export interface PageProps {
  readonly title: string
  /** Beside the title: scope, state, count. */
  readonly chips?: ReactNode
  readonly description?: ReactNode
  /** At the right: time range, refresh, and the primary action last. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** The frame of a page: its one heading, which also names the document, and what can be done here. */
export function Page({ title, chips, description, actions, children }: PageProps) {
  useEffect(() => {
    document.title = t.documentTitle(title)
  }, [title])
  return (
    <div className={css['page']}>
      <header className={css['head']}>
        <div className={css['titles']}>
          <h1 className={css['title']}>{title}</h1>
          {chips}
          {description && <p className={css['description']}>{description}</p>}
        </div>
        {actions && <div className={css['actions']}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}
