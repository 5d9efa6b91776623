import { useMemo, type ReactNode } from 'react'
import { Dialog, Menu as AriaMenu, Popover as AriaPopover } from 'react-aria-components'
import { menuItems, type MenuProps } from './Menu'
import css from './Popover.module.css'

interface AnchoredProps {
  /** What it stands beside; nothing is shown without. */
  readonly anchor: Element | null
  readonly label: string
  readonly onClose: () => void
}

/** Commands beside an element that is no button of its own, such as a cell; focus comes back to the anchor. */
export function AnchoredMenu({ anchor, label, onClose, items }: AnchoredProps & Pick<MenuProps, 'items'>) {
  return (
    <Anchored anchor={anchor} label={label} onClose={onClose}>
      <AriaMenu aria-label={label} className={css['list']!} onClose={onClose} autoFocus="first">
        {menuItems(items)}
      </AriaMenu>
    </Anchored>
  )
}

/** Content beside an element that is no button of its own. */
export function AnchoredPopover({
  anchor,
  label,
  onClose,
  children,
}: AnchoredProps & { readonly children: ReactNode }) {
  return (
    <Anchored anchor={anchor} label={label} onClose={onClose}>
      <Dialog aria-label={label} className={css['content']!}>
        {children}
      </Dialog>
    </Anchored>
  )
}

function Anchored({ anchor, label, onClose, children }: AnchoredProps & { readonly children: ReactNode }) {
  const trigger = useMemo(() => ({ current: anchor }), [anchor])
  return (
    <AriaPopover
      aria-label={label}
      triggerRef={trigger}
      isOpen={anchor !== null}
      onOpenChange={(isOpen) => !isOpen && onClose()}
      placement="bottom start"
      offset={2}
      className={css['popover']!}
    >
      {children}
    </AriaPopover>
  )
}
