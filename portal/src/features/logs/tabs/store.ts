import { create } from 'zustand'
import { makeTab, type Tab, type TabSet } from './tab'

interface TabStore extends TabSet {
  /** The workspace whose page this is; empty before one is opened. */
  readonly workspace: string
  /** What changed or was closed here since the server last agreed: it wins when two windows differ. */
  readonly changedHere: ReadonlySet<string>
  readonly closedHere: ReadonlySet<string>
  /** Grows with each change that the server should keep. */
  readonly version: number
  readonly load: (workspace: string, set: TabSet) => void
  readonly settle: (set?: TabSet) => void
  readonly change: (id: string, changes: Partial<Tab>) => void
  readonly activate: (id: string) => void
  readonly add: (changes?: Partial<Tab>) => Tab
  readonly close: (id: string) => void
  readonly move: (id: string, by: number) => void
}

const NONE: ReadonlySet<string> = new Set()

/** The tabs as they are now. The server keeps a copy (`drafts.ts`); this store is what the page shows. */
export const useTabs = create<TabStore>((set, get) => ({
  workspace: '',
  tabs: [],
  active: '',
  changedHere: NONE,
  closedHere: NONE,
  version: 0,
  load: (workspace, { tabs, active }) =>
    set({ workspace, tabs, active, changedHere: NONE, closedHere: NONE }),
  settle: (newer) => set({ changedHere: NONE, closedHere: NONE, ...newer }),
  change: (id, changes) =>
    set((state) => ({
      tabs: state.tabs.map((tab) => (tab.id === id ? { ...tab, ...changes } : tab)),
      changedHere: new Set([...state.changedHere, id]),
      version: state.version + 1,
    })),
  activate: (active) => set((state) => ({ active, version: state.version + 1 })),
  add: (changes) => {
    const tab = makeTab(changes)
    set((state) => ({
      tabs: [...state.tabs, tab],
      active: tab.id,
      changedHere: new Set([...state.changedHere, tab.id]),
      version: state.version + 1,
    }))
    return tab
  },
  close: (id) => {
    const { tabs, active } = get()
    const index = tabs.findIndex((tab) => tab.id === id)
    const rest = tabs.filter((tab) => tab.id !== id)
    if (rest.length === 0) rest.push(makeTab())
    const next = id === active ? rest[Math.min(index, rest.length - 1)]!.id : active
    set((state) => ({
      tabs: rest,
      active: next,
      changedHere: new Set([...state.changedHere, ...(tabs.length === 1 ? [rest[0]!.id] : [])]),
      closedHere: new Set([...state.closedHere, id]),
      version: state.version + 1,
    }))
  },
  move: (id, by) =>
    set((state) => {
      const tabs = [...state.tabs]
      const from = tabs.findIndex((tab) => tab.id === id)
      const [moved] = tabs.splice(from, 1)
      tabs.splice(Math.max(0, from + by), 0, moved!)
      return { tabs, version: state.version + 1 }
    }),
}))

/** The store as it is now, and what changes it: for handlers, which need no rendering when it changes. */
export function tabStore(): TabStore {
  return useTabs.getState()
}

export function textOf(id: string): string | undefined {
  return useTabs.getState().tabs.find((tab) => tab.id === id)?.text
}

/** All workspaces that a tab's query asks, the page's own first. */
export function workspacesOf(tab: Tab): readonly string[] {
  const { workspace } = useTabs.getState()
  return [workspace, ...tab.also.filter((one) => one !== workspace)]
}

export function activeTab(): Tab {
  const { tabs, active } = useTabs.getState()
  return tabs.find((tab) => tab.id === active) ?? tabs[0] ?? makeTab()
}

export function useActiveTab(): Tab | undefined {
  return useTabs((state) => state.tabs.find((tab) => tab.id === state.active))
}
