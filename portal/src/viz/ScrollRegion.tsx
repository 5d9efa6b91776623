import type { ReactNode } from 'react'

interface Props {
  readonly label: string
  readonly className: string | undefined
  readonly children: ReactNode
}

/** What scrolls must be reached by keyboard, and have a name. */
export function ScrollRegion({ label, className, children }: Props) {
  return (
    // A group and no region: a page with ten charts must not have ten more landmarks.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/prefer-tag-over-role -- without, nobody could scroll it by keyboard
    <div role="group" className={className} tabIndex={0} aria-label={label}>
      {children}
    </div>
  )
}
