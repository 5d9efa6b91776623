import { UNSTABLE_ToastQueue as ToastQueue } from 'react-aria-components'

export interface ToastContent {
  readonly title: string
  readonly text?: string | undefined
  readonly tone?: 'ok' | 'info' | 'warning' | 'danger'
  /** Something to do about it, such as undoing it. */
  readonly action?: { readonly label: string; readonly onAction: () => void }
}

export const toasts = new ToastQueue<ToastContent>({ maxVisibleToasts: 4 })

/** Milliseconds that a message without an action stays; hovering or focusing it stops the clock. */
const STAY = 6000

/** Says that something is done. What failed is said where it was asked for, not here. */
export function toast(content: ToastContent | string): void {
  const full = typeof content === 'string' ? { title: content } : content
  const stays = full.action !== undefined || full.tone === 'danger'
  toasts.add(full, stays ? {} : { timeout: STAY })
}
