import { X } from 'lucide-react'
import { useEffect, useId, useRef, type ReactNode } from 'react'
import { t } from '@/i18n/en/ui'
import { cx } from './cx'
import frame from './frame.module.css'
import { IconButton } from './IconButton'
import css from './SidePanel.module.css'

export interface SidePanelProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  readonly actions?: ReactNode
  readonly size?: 'normal' | 'wide'
}

/** Details beside a list; over it on a narrow screen. Takes the focus when it opens, Escape closes it. */
export function SidePanel({ title, onClose, children, actions, size }: SidePanelProps) {
  const heading = useId()
  const panel = useRef<HTMLElement>(null)
  useEffect(() => panel.current?.focus(), [])
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- Escape from anywhere in it
    <aside
      ref={panel}
      tabIndex={-1}
      aria-labelledby={heading}
      className={cx(css['panel'], size === 'wide' && css['wide'])}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return
        event.stopPropagation()
        onClose()
      }}
    >
      <header className={frame['head']}>
        <h2 id={heading} className={frame['title']}>
          {title}
        </h2>
        <IconButton label={t.close} icon={<X aria-hidden />} onPress={onClose} />
      </header>
      <div className={frame['body']}>{children}</div>
      {actions && <footer className={frame['actions']}>{actions}</footer>}
    </aside>
  )
}
