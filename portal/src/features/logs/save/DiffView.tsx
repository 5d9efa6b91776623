import { diffLines } from './diff'
import styles from './save.module.css'

const SIGNS = { same: ' ', removed: '−', added: '+' } as const

interface DiffViewProps {
  readonly before: string
  readonly after: string
  readonly beforeLabel: string
  readonly afterLabel: string
}

/** Two texts as one, with what each has of its own marked by sign and colour. */
export function DiffView({ before, after, beforeLabel, afterLabel }: DiffViewProps) {
  return (
    <figure className={styles['diff']}>
      <figcaption>
        <span className={styles['removed']}>
          {SIGNS.removed} {beforeLabel}
        </span>{' '}
        <span className={styles['added']}>
          {SIGNS.added} {afterLabel}
        </span>
      </figcaption>
      {/* A text that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0}>
        {diffLines(before, after).map(({ kind, text }, index) => (
          // Lines repeat; their place is what tells them apart.
          // oxlint-disable-next-line react/no-array-index-key
          <span key={index} className={styles[kind]}>
            {SIGNS[kind]} {text}
            {'\n'}
          </span>
        ))}
      </pre>
    </figure>
  )
}
