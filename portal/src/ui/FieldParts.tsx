import { FieldError, Label, Text } from 'react-aria-components'
import { cx } from './cx'
import css from './Field.module.css'

/** What every field of the kit takes beside its own value. */
export interface FieldProps {
  readonly label: string
  /** For screen readers alone, where the place says what the field is. */
  readonly isLabelHidden?: boolean
  readonly description?: string | undefined
  /** What is wrong with the value, in words. */
  readonly error?: string | undefined
}

export function FieldLabel({
  label,
  isLabelHidden,
  isRequired,
}: FieldProps & { isRequired?: boolean | undefined }) {
  return (
    <Label className={isLabelHidden ? css['hiddenLabel'] : cx(css['label'], isRequired && css['required'])}>
      {label}
    </Label>
  )
}

/** The description and, under it, the error: the field's own, else what the form or the browser says. */
export function FieldNotes({
  description,
  error,
}: {
  description?: string | undefined
  error?: string | undefined
}) {
  return (
    <>
      {description && (
        <Text slot="description" className={css['description']}>
          {description}
        </Text>
      )}
      <FieldError className={css['error']!}>{error ? () => error : undefined}</FieldError>
    </>
  )
}
