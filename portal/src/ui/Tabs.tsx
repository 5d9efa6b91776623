import type { ReactNode } from 'react'
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from 'react-aria-components'
import css from './Tabs.module.css'

export interface TabItem {
  readonly id: string
  readonly label: string
  readonly badge?: ReactNode
  readonly content: ReactNode
  readonly isDisabled?: boolean
}

export interface TabsProps {
  /** What the tabs are parts of; for screen readers. */
  readonly label: string
  readonly items: readonly TabItem[]
  readonly selected?: string
  readonly onChange?: (id: string) => void
}

export function Tabs({ label, items, selected, onChange }: TabsProps) {
  return (
    <AriaTabs
      {...(selected === undefined ? {} : { selectedKey: selected })}
      onSelectionChange={(key) => onChange?.(String(key))}
      className={css['tabs']!}
    >
      <TabList aria-label={label} className={css['list']!}>
        {items.map((item) => (
          <Tab key={item.id} id={item.id} isDisabled={item.isDisabled ?? false} className={css['tab']!}>
            {item.label}
            {item.badge}
          </Tab>
        ))}
      </TabList>
      {items.map((item) => (
        <TabPanel key={item.id} id={item.id} className={css['panel']!}>
          {item.content}
        </TabPanel>
      ))}
    </AriaTabs>
  )
}
