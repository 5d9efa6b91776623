import css from './CodeBlock.module.css'
import { CopyButton } from './CopyButton'
import { cx } from './cx'

export interface CodeBlockProps {
  readonly code: string
  /** What it is, for screen readers: "Agent command". */
  readonly label: string
  readonly isWrapped?: boolean
}

/** Something to copy into a terminal or an editor. */
export function CodeBlock({ code, label, isWrapped }: CodeBlockProps) {
  return (
    <div className={css['block']}>
      <pre
        className={cx(css['code'], isWrapped && css['wrapped'])}
        // A text that scrolls must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        <code>{code}</code>
      </pre>
      <div className={css['copy']}>
        <CopyButton text={code} />
      </div>
    </div>
  )
}
