import { useState, type ReactNode } from 'react'
import { t } from '@/i18n/en/ui'
import { Button } from './Button'
import { Dialog } from './Dialog'
import { ErrorState } from './ErrorState'
import { TextField } from './TextField'

export interface ConfirmDialogProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  /** Done when it returns; what it throws is shown, and the dialog stays. */
  readonly onConfirm: () => Promise<unknown> | void
  readonly confirmLabel: string
  /** What happens, what is lost, and how long it can be undone. */
  readonly children: ReactNode
  /** A name that must be typed first: for whatever is deleted. */
  readonly name?: string
  readonly isDanger?: boolean
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { name, onConfirm, onClose, isDanger = name !== undefined } = props
  const [typed, setTyped] = useState('')
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>(null)

  function close() {
    setTyped('')
    setError(null)
    onClose()
  }

  async function confirm() {
    setPending(true)
    setError(null)
    try {
      await onConfirm()
      close()
    } catch (failure) {
      setError(failure)
    } finally {
      setPending(false)
    }
  }

  const actions = (
    <>
      <Button onPress={close}>{t.cancel}</Button>
      <Button
        variant={isDanger ? 'danger' : 'primary'}
        isPending={isPending}
        isDisabled={name !== undefined && typed !== name}
        onPress={() => void confirm()}
      >
        {props.confirmLabel}
      </Button>
    </>
  )
  return (
    <Dialog isAlert title={props.title} isOpen={props.isOpen} onClose={close} actions={actions}>
      {props.children}
      {name !== undefined && (
        <TextField
          isCode
          autoFocus
          label={t.typeToConfirm(name)}
          value={typed}
          onChange={setTyped}
          autoComplete="off"
        />
      )}
      {error !== null && <ErrorState error={error} />}
    </Dialog>
  )
}
