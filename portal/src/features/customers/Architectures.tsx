import type { ReactNode } from 'react'
import { t } from '@/i18n/en/customers'
import css from './customers.module.css'

/** No customer yet: the three ways to serve some, each drawn, with what it costs and needs. */
export function Architectures({ actions }: { readonly actions: ReactNode }) {
  return (
    <div className={css['empty']}>
      <h2>{t.none}</h2>
      <p>{t.noneText}</p>
      <ul className={css['ways']}>
        {(['central', 'distributed', 'hybrid'] as const).map((way) => (
          <li key={way} className={css['way']}>
            <Drawing way={way} />
            <h3>{t.ways[way].title}</h3>
            <dl>
              <dt>{t.wayIs}</dt>
              <dd>{t.ways[way].is}</dd>
              <dt>{t.wayNeeds}</dt>
              <dd>{t.ways[way].needs}</dd>
              <dt>{t.wayCosts}</dt>
              <dd>{t.ways[way].costs}</dd>
            </dl>
          </li>
        ))}
      </ul>
      {actions}
    </div>
  )
}

type Way = 'central' | 'distributed' | 'hybrid'

const CUSTOMERS = [20, 90, 160] as const

/** Customers above, the provider below; what lies where it is kept is filled. */
function Drawing({ way }: { readonly way: Way }) {
  return (
    <svg viewBox="0 0 220 130" role="img" aria-label={t.ways[way].drawing} className={css['drawing']}>
      {CUSTOMERS.map((x) => (
        <g key={x}>
          <rect x={x} y={6} width={40} height={34} rx={4} className={css['house']} />
          {way !== 'central' && <Store x={x + 10} y={16} />}
          <path d={`M${x + 20} 42 L${x + 20} 56 L110 76 L110 88`} className={css[ARROWS[way]]} />
        </g>
      ))}
      <rect x={50} y={90} width={120} height={34} rx={4} className={css['house']} />
      {way === 'central' && CUSTOMERS.map((x, index) => <Store key={x} x={70 + index * 30} y={100} />)}
      {way === 'hybrid' && <Store x={100} y={100} />}
    </svg>
  )
}

const ARROWS: Readonly<Record<Way, string>> = { central: 'flow', distributed: 'look', hybrid: 'flow' }

function Store({ x, y }: { readonly x: number; readonly y: number }) {
  return <rect x={x} y={y} width={20} height={14} rx={2} className={css['store']} />
}
