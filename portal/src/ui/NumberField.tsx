import { Minus, Plus } from 'lucide-react'
import {
  Button,
  Group,
  Input,
  NumberField as AriaNumberField,
  type NumberFieldProps as AriaProps,
} from 'react-aria-components'
import { cx } from './cx'
import css from './Field.module.css'
import { FieldLabel, FieldNotes, type FieldProps } from './FieldParts'

export interface NumberFieldProps extends FieldProps, Omit<AriaProps, 'children' | 'className' | 'style'> {
  readonly className?: string | undefined
}

export function NumberField({
  label,
  isLabelHidden = false,
  description,
  error,
  className,
  ...rest
}: NumberFieldProps) {
  return (
    <AriaNumberField
      {...rest}
      isInvalid={error ? true : rest.isInvalid}
      className={cx(css['field'], className)}
    >
      <FieldLabel label={label} isLabelHidden={isLabelHidden} isRequired={rest.isRequired} />
      <Group className={css['box']!}>
        <Input className={css['input']!} />
        <Button slot="decrement" className={css['boxButton']!}>
          <Minus aria-hidden />
        </Button>
        <Button slot="increment" className={css['boxButton']!}>
          <Plus aria-hidden />
        </Button>
      </Group>
      <FieldNotes description={description} error={error} />
    </AriaNumberField>
  )
}
