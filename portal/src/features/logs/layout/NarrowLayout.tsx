import { useState, type ReactNode } from 'react'
import { t } from '@/i18n/en/logs'
import type { RunState } from '../run/state'
import styles from '../logs.module.css'

const PARTS = ['editor', 'results', 'side'] as const
type Part = (typeof PARTS)[number]

const WORDS: Readonly<Record<Part, string>> = {
  editor: t.panes.editor,
  results: t.panes.results,
  side: t.panes.schema,
}

interface NarrowLayoutProps extends Readonly<Record<Part, ReactNode>> {
  readonly run: RunState
}

/** Editor, result and schema one at a time. A run turns to its result. */
export function NarrowLayout({ run, ...parts }: NarrowLayoutProps) {
  const [chosen, setChosen] = useState<{ run: string | null; part: Part }>({ run: run.id, part: 'editor' })
  const part = chosen.run === run.id ? chosen.part : 'results'
  return (
    <div className={styles['narrow']}>
      <div role="group" aria-label={t.panes.parts} className={styles['parts']}>
        {PARTS.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === part}
            className={styles['part']}
            onClick={() => setChosen({ run: run.id, part: name })}
          >
            {WORDS[name]}
          </button>
        ))}
      </div>
      {/* The editor stays where it is, out of sight: it keeps the cursor and the steps to undo. */}
      {PARTS.map((name) => (
        <div key={name} className={styles['shown']} hidden={name !== part}>
          {name === 'editor' || name === part ? parts[name] : null}
        </div>
      ))}
    </div>
  )
}
