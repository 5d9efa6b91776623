import { create } from 'zustand'

export type Theme = 'light' | 'dark' | 'system'
export type Density = 'comfortable' | 'compact'

/** What a person chose for themselves; the server keeps it as their document (`/portal/api/me`). */
export interface Preferences {
  readonly theme: Theme
  readonly density: Density
  /** An IANA zone; empty for the browser's own. */
  readonly timeZone: string
  /** Whether single letters act as commands outside text fields. */
  readonly keys: boolean
  /** A query that would look at more is asked for twice. */
  readonly askAboveGigabytes: number
  readonly isNavigationPinned: boolean
  /** Sizes of split panes in percent, by the splitter's name. */
  readonly panes: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** The columns chosen of a list, by its name. */
  readonly columns: Readonly<Record<string, readonly string[]>>
  /** The workspace used last in each tenant, by the tenant's id. */
  readonly workspaces: Readonly<Record<string, string>>
}

export const DEFAULT_PREFERENCES: Preferences = {
  theme: 'system',
  density: 'comfortable',
  timeZone: '',
  keys: true,
  askAboveGigabytes: 200,
  isNavigationPinned: true,
  panes: {},
  columns: {},
  workspaces: {},
}

/** Theme and density alone are kept in the browser too, so that the page begins in them before anybody is known. */
const STORED = 'kelp.appearance'

interface PreferencesStore extends Preferences {
  readonly change: (changes: Partial<Preferences>) => void
}

export const usePreferences = create<PreferencesStore>((set) => ({
  ...DEFAULT_PREFERENCES,
  ...readStored(),
  change: (changes) => set(changes),
}))

/** The document to keep: what the store holds without its verbs. */
export function currentPreferences(): Preferences {
  const { change: _, ...preferences } = usePreferences.getState()
  return preferences
}

export function resolveZone(timeZone: string): string {
  return timeZone === '' ? Intl.DateTimeFormat().resolvedOptions().timeZone : timeZone
}

/** The zone that times are shown in. */
export function useTimeZone(): string {
  return resolveZone(usePreferences((preferences) => preferences.timeZone))
}

/** Puts theme and density on the document, now and whenever they or the system's scheme change. */
export function applyAppearance(): void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  const apply = () => {
    const { theme, density } = usePreferences.getState()
    const root = document.documentElement
    root.dataset['theme'] = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme
    root.dataset['density'] = density
  }
  apply()
  dark.addEventListener('change', apply)
  usePreferences.subscribe(({ theme, density }) => {
    apply()
    localStorage.setItem(STORED, JSON.stringify({ theme, density }))
  })
}

function readStored(): Partial<Preferences> {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED) ?? '{}') as Partial<Preferences>
    return {
      ...(isTheme(stored.theme) ? { theme: stored.theme } : {}),
      ...(stored.density === 'compact' ? { density: 'compact' as const } : {}),
    }
  } catch {
    return {}
  }
}

function isTheme(theme: unknown): theme is Theme {
  return theme === 'light' || theme === 'dark' || theme === 'system'
}
