import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Heading } from 'react-aria-components'
import { t } from '@/i18n/en/ui'
import css from './frame.module.css'
import { IconButton } from './IconButton'
import { Overlay } from './Overlay'

export interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly children: ReactNode
  /** Buttons at the foot; a `Form` inside brings its own. */
  readonly actions?: ReactNode
  readonly size?: 'normal' | 'wide' | 'full'
  /** It waits for an answer: a press outside doesn't close it. */
  readonly isAlert?: boolean
}

/** A window over the page. Its content is mounted anew each time it opens. */
export function Dialog({ title, isOpen, onClose, children, actions, size, isAlert = false }: DialogProps) {
  return (
    <Overlay isOpen={isOpen} onClose={onClose} size={size} isAlert={isAlert}>
      <header className={css['head']}>
        <Heading slot="title" className={css['title']}>
          {title}
        </Heading>
        <IconButton label={t.close} icon={<X aria-hidden />} onPress={onClose} />
      </header>
      <div className={css['body']}>{children}</div>
      {actions && <footer className={css['answers']}>{actions}</footer>}
    </Overlay>
  )
}
