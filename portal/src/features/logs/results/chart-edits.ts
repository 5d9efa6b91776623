import { create } from 'zustand'
import type { Render } from '@/viz'

interface ChartEdits {
  /** How the chart of a run was changed by hand, by the run's id. */
  readonly edits: Readonly<Record<string, Render>>
  readonly edit: (run: string, render: Render) => void
}

export const useChartEdits = create<ChartEdits>((set) => ({
  edits: {},
  edit: (run, render) => set(({ edits }) => ({ edits: { ...edits, [run]: render } })),
}))
