import type { ReactNode, Ref } from 'react'
import {
  Group,
  Input,
  TextField as AriaTextField,
  type TextFieldProps as AriaProps,
} from 'react-aria-components'
import { cx } from './cx'
import css from './Field.module.css'
import { FieldLabel, FieldNotes, type FieldProps } from './FieldParts'

export interface TextFieldProps extends FieldProps, Omit<AriaProps, 'children' | 'className' | 'style'> {
  readonly placeholder?: string
  /** Identifiers, addresses and the like, in the code font. */
  readonly isCode?: boolean
  /** A control at the field's end, such as one that shows a password. */
  readonly end?: ReactNode
  readonly className?: string | undefined
  readonly ref?: Ref<HTMLInputElement>
}

export function TextField({
  label,
  isLabelHidden = false,
  description,
  error,
  placeholder,
  isCode,
  end,
  className,
  ref,
  ...rest
}: TextFieldProps) {
  const input = (
    <Input
      ref={ref}
      placeholder={placeholder}
      className={cx(css['input'], isCode && css['code'])}
      spellCheck={!isCode}
    />
  )
  return (
    <AriaTextField
      {...rest}
      isInvalid={error ? true : rest.isInvalid}
      className={cx(css['field'], className)}
    >
      <FieldLabel label={label} isLabelHidden={isLabelHidden} isRequired={rest.isRequired} />
      {end ? (
        <Group className={css['box']!}>
          {input}
          {end}
        </Group>
      ) : (
        input
      )}
      <FieldNotes description={description} error={error} />
    </AriaTextField>
  )
}
