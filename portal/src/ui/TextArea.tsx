import {
  TextArea as AriaTextArea,
  TextField as AriaTextField,
  type TextFieldProps as AriaProps,
} from 'react-aria-components'
import { cx } from './cx'
import css from './Field.module.css'
import { FieldLabel, FieldNotes, type FieldProps } from './FieldParts'

export interface TextAreaProps extends FieldProps, Omit<AriaProps, 'children' | 'className' | 'style'> {
  readonly placeholder?: string
  readonly rows?: number
  readonly isCode?: boolean
  readonly className?: string | undefined
}

export function TextArea({
  label,
  isLabelHidden = false,
  description,
  error,
  placeholder,
  rows = 4,
  isCode,
  className,
  ...rest
}: TextAreaProps) {
  return (
    <AriaTextField
      {...rest}
      isInvalid={error ? true : rest.isInvalid}
      className={cx(css['field'], className)}
    >
      <FieldLabel label={label} isLabelHidden={isLabelHidden} isRequired={rest.isRequired} />
      <AriaTextArea
        rows={rows}
        placeholder={placeholder}
        spellCheck={!isCode}
        className={cx(css['input'], css['area'], isCode && css['code'])}
      />
      <FieldNotes description={description} error={error} />
    </AriaTextField>
  )
}
