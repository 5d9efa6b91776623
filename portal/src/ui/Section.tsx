import type { ReactNode } from 'react'
import css from './Section.module.css'

export interface SectionProps {
  readonly title: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A part of a page with a heading of its own; it keeps its height, so that the page scrolls. */
export function Section({ title, actions, children }: SectionProps) {
  return (
    <section className={css['section']} aria-label={title}>
      <header className={css['head']}>
        <h2 className={css['title']}>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  )
}

/** Sections beside each other where there is room. */
export function Sections({ children }: { readonly children: ReactNode }) {
  return <div className={css['columns']}>{children}</div>
}
