import type { ReactNode } from 'react'
import { Dialog, Modal, ModalOverlay } from 'react-aria-components'
import { cx } from './cx'
import css from './Overlay.module.css'

export interface OverlayProps {
  readonly isOpen?: boolean
  readonly onClose: () => void
  readonly children: ReactNode
  /** Its name, where no heading inside gives one. */
  readonly label?: string
  readonly size?: 'normal' | 'wide' | 'full' | 'search' | undefined
  /** It waits for an answer: a press outside doesn't close it. */
  readonly isAlert?: boolean
}

/** What lies over the page and holds the focus. */
export function Overlay({ isOpen = true, onClose, children, label, size, isAlert = false }: OverlayProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!isAlert}
      className={css['overlay']!}
    >
      <Modal className={cx(css['modal'], size && css[size])}>
        <Dialog
          role={isAlert ? 'alertdialog' : 'dialog'}
          className={css['dialog']!}
          {...(label === undefined ? {} : { 'aria-label': label })}
        >
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
