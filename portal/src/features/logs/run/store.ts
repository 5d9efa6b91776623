import { create } from 'zustand'
import { useTabs } from '../tabs/store'
import { NO_RUN, type RunState } from './state'

interface RunStore {
  /** The newest run of each tab. */
  readonly runs: Readonly<Record<string, RunState>>
  readonly patch: (tabId: string, changes: Partial<RunState>) => void
  readonly drop: (tabId: string) => void
}

export const useRunStore = create<RunStore>((set) => ({
  runs: {},
  patch: (tabId, changes) =>
    set(({ runs }) => ({ runs: { ...runs, [tabId]: { ...(runs[tabId] ?? NO_RUN), ...changes } } })),
  drop: (tabId) =>
    set(({ runs }) => {
      const { [tabId]: _, ...rest } = runs
      return { runs: rest }
    }),
}))

export function runOf(tabId: string): RunState {
  return useRunStore.getState().runs[tabId] ?? NO_RUN
}

/** The run of the tab that is shown. */
export function useRun(): RunState {
  const active = useTabs((state) => state.active)
  return useRunStore((state) => state.runs[active] ?? NO_RUN)
}
