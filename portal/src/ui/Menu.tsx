import type { ReactElement, ReactNode } from 'react'
import {
  Header,
  Keyboard,
  Menu as AriaMenu,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
} from 'react-aria-components'
import { cx } from './cx'
import css from './Popover.module.css'

export interface MenuAction {
  readonly id: string
  readonly label: string
  readonly icon?: ReactNode
  readonly onAction?: () => void
  readonly href?: string
  /** The keys that do the same. */
  readonly keys?: string
  readonly isDanger?: boolean
  readonly isDisabled?: boolean
}

export interface MenuGroup {
  readonly id: string
  readonly label: string
  readonly items: readonly MenuAction[]
}

export interface MenuProps {
  readonly trigger: ReactElement
  readonly label: string
  readonly items: readonly (MenuAction | MenuGroup)[]
  readonly placement?: 'bottom start' | 'bottom end' | 'top' | 'right top'
}

/** Commands behind a button. */
export function Menu({ trigger, label, items, placement = 'bottom start' }: MenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover placement={placement} offset={4} className={css['popover']!}>
        <AriaMenu aria-label={label} className={css['list']!}>
          {menuItems(items)}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}

/** Commands and groups of them, as the children of a menu. */
export function menuItems(items: MenuProps['items']): ReactNode {
  return items.map((item) => ('items' in item ? group(item) : action(item)))
}

function group({ id, label, items }: MenuGroup) {
  return (
    <MenuSection key={id} id={id}>
      <Header className={css['heading']}>{label}</Header>
      {items.map((item) => action(item))}
    </MenuSection>
  )
}

function action({ id, label, icon, onAction, href, keys, isDanger, isDisabled = false }: MenuAction) {
  return (
    <MenuItem
      key={id}
      id={id}
      textValue={label}
      isDisabled={isDisabled}
      {...(onAction ? { onAction } : {})}
      {...(href ? { href } : {})}
      className={cx(css['item'], isDanger && css['danger'])}
    >
      {icon}
      <span className={css['words']}>{label}</span>
      {keys && <Keyboard className={css['keys']}>{keys}</Keyboard>}
    </MenuItem>
  )
}
