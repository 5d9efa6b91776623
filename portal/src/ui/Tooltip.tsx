import type { ReactElement } from 'react'
import { Tooltip as AriaTooltip, TooltipTrigger } from 'react-aria-components'
import css from './Tooltip.module.css'

export interface TooltipProps {
  readonly text: string
  /** A control of this kit, or `Focusable` around anything else. */
  readonly children: ReactElement
}

/** A word about a control, on hover and on focus; never the only place where something is said. */
export function Tooltip({ text, children }: TooltipProps) {
  return (
    <TooltipTrigger delay={600}>
      {children}
      <AriaTooltip offset={6} className={css['tooltip']!}>
        {text}
      </AriaTooltip>
    </TooltipTrigger>
  )
}
