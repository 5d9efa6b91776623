import { ChevronDown } from 'lucide-react'
import { Button, Popover, Select as AriaSelect, SelectValue } from 'react-aria-components'
import { t } from '@/i18n/en/ui'
import { cx } from './cx'
import css from './Field.module.css'
import { FieldLabel, FieldNotes, type FieldProps } from './FieldParts'
import { OptionList, type Option } from './OptionList'
import popover from './Popover.module.css'
import own from './Select.module.css'

export interface SelectProps<Id extends string> extends FieldProps {
  readonly items: readonly Option<Id>[]
  readonly value?: Id | null
  readonly defaultValue?: Id
  readonly onChange?: (value: Id) => void
  readonly name?: string
  readonly placeholder?: string
  readonly isRequired?: boolean
  readonly isDisabled?: boolean
  readonly className?: string | undefined
}

/** One of a few known values; `ComboBox` is for many. */
export function Select<Id extends string>(props: SelectProps<Id>) {
  const {
    label,
    isLabelHidden = false,
    description,
    error,
    items,
    onChange,
    className,
    placeholder,
    ...rest
  } = props
  return (
    <AriaSelect
      {...rest}
      onChange={(key) => key !== null && onChange?.(key as Id)}
      placeholder={placeholder ?? t.choose}
      isInvalid={Boolean(error)}
      className={cx(css['field'], className)}
    >
      <FieldLabel label={label} isLabelHidden={isLabelHidden} isRequired={rest.isRequired} />
      <Button className={cx(css['box'], own['button'])}>
        <SelectValue className={own['value']!}>
          {({ defaultChildren, isPlaceholder, selectedText }) =>
            isPlaceholder ? defaultChildren : selectedText
          }
        </SelectValue>
        <ChevronDown aria-hidden />
      </Button>
      <FieldNotes description={description} error={error} />
      <Popover className={cx(popover['popover'], popover['fitted'])} offset={4}>
        <OptionList items={items} />
      </Popover>
    </AriaSelect>
  )
}
