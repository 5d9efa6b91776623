import { useState } from 'react'
import { Button, type ButtonProps } from './Button'
import { ConfirmDialog, type ConfirmDialogProps } from './ConfirmDialog'

export interface ConfirmButtonProps extends Omit<ConfirmDialogProps, 'isOpen' | 'onClose' | 'confirmLabel'> {
  /** What the button says, and the one that confirms. */
  readonly label: string
  readonly variant?: NonNullable<ButtonProps['variant']>
  readonly size?: NonNullable<ButtonProps['size']>
}

/** A button that asks before it acts. */
export function ConfirmButton({
  label,
  variant = 'secondary',
  size = 'normal',
  ...dialog
}: ConfirmButtonProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant={variant} size={size} onPress={() => setOpen(true)}>
        {label}
      </Button>
      <ConfirmDialog {...dialog} confirmLabel={label} isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  )
}
