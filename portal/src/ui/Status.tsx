import { CircleAlert, CircleCheck, CircleDashed, Info, TriangleAlert } from 'lucide-react'
import css from './Badge.module.css'
import { cx } from './cx'

export type Tone = 'ok' | 'info' | 'warning' | 'danger' | 'none'

const ICONS = { ok: CircleCheck, info: Info, warning: TriangleAlert, danger: CircleAlert, none: CircleDashed }

/** How something stands: a shape, a colour and always a word. */
export function Status({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  const Icon = ICONS[tone]
  return (
    <span className={cx(css['status'], css[tone])}>
      <Icon aria-hidden />
      <span className={css['word']}>{word}</span>
    </span>
  )
}
