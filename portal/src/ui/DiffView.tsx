import { t } from '@/i18n/en/ui'
import { diffLines, foldSame } from '@/lib/diff'
import styles from './DiffView.module.css'

const SIGNS = { same: ' ', removed: '−', added: '+' } as const

export interface DiffViewProps {
  readonly before: string
  readonly after: string
  readonly beforeLabel: string
  readonly afterLabel: string
}

/** Two texts as one, with what each has of its own marked by sign and colour; long stretches of both are left out. */
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
        {foldSame(diffLines(before, after)).map((line, index) => (
          // Lines repeat; their place is what tells them apart.
          // oxlint-disable-next-line react/no-array-index-key
          <span key={index} className={styles[line.kind]}>
            {line.kind === 'gap' ? t.sameLines(line.count) : `${SIGNS[line.kind]} ${line.text}`}
            {'\n'}
          </span>
        ))}
      </pre>
    </figure>
  )
}
