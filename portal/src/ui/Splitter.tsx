import { Fragment, type ReactNode } from 'react'
import { Group, Panel, Separator } from 'react-resizable-panels'
import { usePreferences } from '@/lib/preferences'
import { cx } from './cx'
import css from './Splitter.module.css'

export interface Pane {
  readonly id: string
  /** For the divider before it, which the keyboard moves too. */
  readonly label: string
  readonly content: ReactNode
  /** Percent at first. */
  readonly size?: number
  /** Pixels below which it doesn't go. */
  readonly minimum?: number
}

export interface SplitterProps {
  /** The name under which the person's sizes are kept. */
  readonly id: string
  readonly orientation?: 'horizontal' | 'vertical'
  readonly panes: readonly Pane[]
}

/** Panes with dividers that drag; their places are kept for the person. */
export function Splitter({ id, orientation = 'horizontal', panes }: SplitterProps) {
  const kept = usePreferences((preferences) => preferences.panes[id])
  const change = usePreferences((preferences) => preferences.change)
  const isWhole = kept && panes.every((pane) => pane.id in kept)
  return (
    <Group
      orientation={orientation}
      className={cx(css['group'], css[orientation])}
      {...(isWhole ? { defaultLayout: { ...kept } } : {})}
      onLayoutChanged={(layout) => {
        const { panes: all } = usePreferences.getState()
        if (JSON.stringify(all[id]) !== JSON.stringify(layout)) change({ panes: { ...all, [id]: layout } })
      }}
    >
      {panes.map((pane, index) => (
        <Fragment key={pane.id}>
          {index > 0 && <Separator aria-label={pane.label} className={css['handle']} />}
          <Panel
            id={pane.id}
            className={css['panel']}
            minSize={pane.minimum ?? 80}
            {...(pane.size === undefined ? {} : { defaultSize: `${pane.size}%` })}
          >
            {pane.content}
          </Panel>
        </Fragment>
      ))}
    </Group>
  )
}
