import { ChevronDown } from 'lucide-react'
import { Button, ComboBox as AriaComboBox, Group, Input, Popover } from 'react-aria-components'
import { t } from '@/i18n/en/ui'
import { cx } from './cx'
import css from './Field.module.css'
import { FieldLabel, FieldNotes, type FieldProps } from './FieldParts'
import { OptionList, type Option } from './OptionList'
import popover from './Popover.module.css'

export interface ComboBoxProps extends FieldProps {
  readonly items: readonly Option[]
  readonly value?: string | null
  readonly onChange?: (value: string) => void
  /** The text while it is typed: for lists that the server searches. Then `items` are shown as they come. */
  readonly onSearch?: (text: string) => void
  readonly inputValue?: string
  /** A text that is in no list is a value too. */
  readonly allowsCustomValue?: boolean
  readonly name?: string
  readonly placeholder?: string
  readonly isRequired?: boolean
  readonly isDisabled?: boolean
  readonly isCode?: boolean
  readonly className?: string | undefined
}

/** A value found by typing. */
export function ComboBox(props: ComboBoxProps) {
  const { label, isLabelHidden = false, description, error, items, value, inputValue } = props
  const { onChange, onSearch, placeholder, isCode, className, allowsCustomValue = false } = props
  return (
    <AriaComboBox<Option>
      {...(onSearch ? { items } : { defaultItems: items })}
      {...(value === undefined ? {} : { selectedKey: value })}
      {...(inputValue === undefined ? {} : { inputValue })}
      {...(props.name ? { name: props.name } : {})}
      onSelectionChange={(key) => key !== null && onChange?.(String(key))}
      onInputChange={(text) => {
        onSearch?.(text)
        if (allowsCustomValue) onChange?.(items.find((item) => item.label === text)?.id ?? text)
      }}
      allowsCustomValue={allowsCustomValue}
      formValue={allowsCustomValue ? 'text' : 'key'}
      allowsEmptyCollection
      menuTrigger="focus"
      isRequired={props.isRequired ?? false}
      isDisabled={props.isDisabled ?? false}
      isInvalid={Boolean(error)}
      className={cx(css['field'], className)}
    >
      <FieldLabel label={label} isLabelHidden={isLabelHidden} isRequired={props.isRequired} />
      <Group className={css['box']!}>
        <Input placeholder={placeholder ?? t.search} className={cx(css['input'], isCode && css['code'])} />
        <Button className={css['boxButton']!}>
          <ChevronDown aria-hidden />
        </Button>
      </Group>
      <FieldNotes description={description} error={error} />
      <Popover className={cx(popover['popover'], popover['fitted'])} offset={4}>
        <OptionList />
      </Popover>
    </AriaComboBox>
  )
}
