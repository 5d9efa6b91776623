import { Check } from 'lucide-react'
import { ListBox, ListBoxItem } from 'react-aria-components'
import { t } from '@/i18n/en/ui'
import css from './Popover.module.css'

export interface Option<Id extends string = string> {
  readonly id: Id
  readonly label: string
  readonly description?: string | undefined
  readonly isDisabled?: boolean
}

/** The options inside a select's or combo box's popover; a combo box gives its list those that match by itself. */
export function OptionList({ items, empty = t.nothingFound }: { items?: readonly Option[]; empty?: string }) {
  return (
    <ListBox<Option>
      {...(items ? { items } : {})}
      className={css['list']!}
      renderEmptyState={() => <div className={css['empty']}>{empty}</div>}
    >
      {({ id, label, description, isDisabled = false }) => (
        <ListBoxItem id={id} textValue={label} isDisabled={isDisabled} className={css['item']!}>
          <span className={css['words']}>
            {label}
            {description && <span className={css['description']}>{description}</span>}
          </span>
          <Check className={css['check']} aria-hidden />
        </ListBoxItem>
      )}
    </ListBox>
  )
}
