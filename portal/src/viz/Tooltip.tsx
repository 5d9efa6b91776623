import { useLayoutEffect, useRef, useState } from 'react'
import { t } from '@/i18n/en/viz'
import styles from './chart.module.css'
import type { Shown } from './Picture'

const GAP = 14

/** What is under the pointer, beside it and never outside of the picture. Not for screen readers: they have the table. */
export function Tooltip({ shown }: { readonly shown: Shown }) {
  const element = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState<{ left: number; top: number }>({ left: -9999, top: 0 })
  useLayoutEffect(() => {
    const made = element.current
    const frame = made?.offsetParent
    if (!made || !frame) return
    const isRight = shown.x + GAP + made.offsetWidth <= frame.clientWidth
    const left = isRight ? shown.x + GAP : Math.max(0, shown.x - GAP - made.offsetWidth)
    setPlace({ left, top: Math.max(0, Math.min(shown.y + GAP, frame.clientHeight - made.offsetHeight)) })
  }, [shown])
  const { head, entries, more } = shown.text
  return (
    <div ref={element} className={styles['tooltip']} style={place} aria-hidden="true">
      <b>{head}</b>
      {entries.map((entry) => (
        <div key={entry.name} className={styles['entry']}>
          {entry.color && <i style={{ background: entry.color }} />}
          <span>{entry.name}</span>
          <span className={styles['number']}>{entry.value}</span>
        </div>
      ))}
      {more > 0 && <small>{t.more(more)}</small>}
    </div>
  )
}
