import { useRef, useState, type ReactNode } from 'react'
import { Form as AriaForm } from 'react-aria-components'
import { ApiError, type ErrorDetail } from '@/api/client'
import { t } from '@/i18n/en/ui'
import { Button } from './Button'
import { ErrorState } from './ErrorState'
import css from './Form.module.css'

export interface FormProps {
  readonly children: ReactNode
  /** What it throws is shown: each of an error's details at the field it is about, the rest above the buttons. */
  readonly onSubmit: (form: FormData) => Promise<unknown> | void
  readonly submitLabel: string
  readonly onCancel?: () => void
  readonly isDisabled?: boolean
  readonly isDanger?: boolean
  /** More buttons beside the two. */
  readonly actions?: ReactNode
}

/**
 * Fields that are sent together. A field's `name` is the last part of what the server calls it: `retentionInDays` takes
 * the error whose target is `properties.retentionInDays`, and `tableNames` that of `properties.tableNames[2]`.
 */
export function Form({
  children,
  onSubmit,
  submitLabel,
  onCancel,
  isDisabled = false,
  isDanger,
  actions,
}: FormProps) {
  const form = useRef<HTMLFormElement>(null)
  const [{ fields, rest }, setErrors] = useState(NO_ERRORS)
  const [isPending, setPending] = useState(false)

  function clear(name: string) {
    if (!(name in fields)) return
    const { [name]: _, ...others } = fields
    setErrors({ fields: others, rest })
  }

  async function submit() {
    const sent = form.current
    if (!sent || isPending) return
    setPending(true)
    setErrors(NO_ERRORS)
    try {
      await onSubmit(new FormData(sent))
    } catch (failure) {
      setErrors(
        placeErrors(
          failure,
          [...sent.elements].map((element) => (element as HTMLInputElement).name),
        ),
      )
    } finally {
      setPending(false)
    }
  }

  return (
    <AriaForm
      ref={form}
      className={css['form']!}
      validationErrors={fields}
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      {/* At once, not when the field is left: the text that goes would move the button from under the pointer. */}
      <div
        style={{ display: 'contents' }}
        onInput={(event) => clear(nameOf(event.target as HTMLInputElement))}
      >
        {children}
      </div>
      {rest !== null && <ErrorState error={rest} />}
      <div className={css['actions']}>
        <Button
          type="submit"
          variant={isDanger ? 'danger' : 'primary'}
          isPending={isPending}
          isDisabled={isDisabled}
        >
          {submitLabel}
        </Button>
        {onCancel && <Button onPress={onCancel}>{t.cancel}</Button>}
        {actions}
      </div>
    </AriaForm>
  )
}

/** The name of the field that an input belongs to: that of a number stands at a hidden one behind the field. */
function nameOf(input: HTMLInputElement | HTMLTextAreaElement): string {
  if (input.name !== '') return input.name
  for (let place: Element | null = input; place && place.tagName !== 'FORM'; place = place.parentElement) {
    const beside = place.nextElementSibling
    if (beside instanceof HTMLInputElement && beside.name !== '') return beside.name
  }
  return ''
}

interface FieldErrors {
  readonly fields: Record<string, string[]>
  /** What no field can show. */
  readonly rest: unknown
}

const NO_ERRORS: FieldErrors = { fields: {}, rest: null }

/** Which of an error's details belong to which field. */
export function placeErrors(error: unknown, names: readonly string[]): FieldErrors {
  if (!(error instanceof ApiError)) return { fields: {}, rest: error }
  const { status, code, message, target, correlationId, retryAfterSeconds, missingRight } = error
  const details = error.details.length > 0 || target === '' ? error.details : [{ code, message, target }]
  const fields: Record<string, string[]> = {}
  const others = details.filter((detail) => {
    const name = fieldOf(detail, names)
    if (name !== undefined) fields[name] = [...(fields[name] ?? []), detail.message]
    return name === undefined
  })
  if (others.length === details.length) return { fields: {}, rest: error }
  if (others.length === 0) return { fields, rest: null }
  const rest = new ApiError(status, code, message, others, correlationId, retryAfterSeconds, missingRight)
  return { fields, rest }
}

/** The field that a detail is about: that of the member, also of an item of the list that the member is. */
function fieldOf({ target = '' }: ErrorDetail, names: readonly string[]): string | undefined {
  const list = target.replace(/\[\d+\]$/, '')
  const last = target
    .replaceAll(/\[\d+\]/g, '')
    .split(/[./]/)
    .findLast((part) => part !== '')
  return names.find((name) => name !== '' && (name === target || name === list || name === last))
}
