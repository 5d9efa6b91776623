import type { ReactNode } from 'react'
import css from './KeyValues.module.css'

/** Names and what they stand for: the facts about one thing. */
export function KeyValues({ items }: { readonly items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={css['list']}>
      {items.map(([name, value]) => (
        <div key={name} style={{ display: 'contents' }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
