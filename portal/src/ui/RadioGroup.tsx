import { Radio, RadioGroup as AriaRadioGroup } from 'react-aria-components'
import { cx } from './cx'
import field from './Field.module.css'
import { FieldLabel, FieldNotes, type FieldProps } from './FieldParts'
import type { Option } from './OptionList'
import css from './Toggle.module.css'

export interface RadioGroupProps<Id extends string> extends FieldProps {
  readonly items: readonly Option<Id>[]
  readonly value?: Id
  readonly defaultValue?: Id
  readonly onChange?: (value: Id) => void
  readonly name?: string
  readonly isDisabled?: boolean
  readonly orientation?: 'horizontal' | 'vertical'
}

export function RadioGroup<Id extends string>(props: RadioGroupProps<Id>) {
  const { label, isLabelHidden = false, description, error, items, onChange, ...rest } = props
  return (
    <AriaRadioGroup
      {...rest}
      onChange={(value) => onChange?.(value as Id)}
      isInvalid={Boolean(error)}
      className={field['field']!}
    >
      <FieldLabel label={label} isLabelHidden={isLabelHidden} />
      <div className={cx(css['group'], rest.orientation === 'horizontal' && css['horizontal'])}>
        {items.map((item) => (
          <Radio
            key={item.id}
            value={item.id}
            isDisabled={item.isDisabled ?? false}
            className={css['toggle']!}
          >
            <span className={cx(css['mark'], css['dot'])} />
            <span className={css['words']}>
              {item.label}
              {item.description && <span className={field['description']}>{item.description}</span>}
            </span>
          </Radio>
        ))}
      </div>
      <FieldNotes description={description} error={error} />
    </AriaRadioGroup>
  )
}
