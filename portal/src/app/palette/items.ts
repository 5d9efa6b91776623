import type { LucideIcon } from 'lucide-react'

export interface PaletteItem {
  readonly id: string
  readonly label: string
  /** Where it is, or what it does, in fewer words than a sentence. */
  readonly detail?: string | undefined
  readonly icon: LucideIcon
  readonly keys?: string
  readonly run: () => void
}

export interface PaletteGroup {
  readonly id: string
  readonly label: string
  readonly items: readonly PaletteItem[]
}

export type PaletteKind = 'everything' | 'commands' | 'tables' | 'people'

const MARKS: Readonly<Record<string, PaletteKind>> = { '>': 'commands', '#': 'tables', '@': 'people' }

/** What a typed text asks for: a first `>`, `#` or `@` names the kind. */
export function readText(text: string): { kind: PaletteKind; words: string } {
  const trimmed = text.trimStart()
  const kind = MARKS[trimmed[0] ?? '']
  return kind ? { kind, words: trimmed.slice(1).trim() } : { kind: 'everything', words: trimmed.trim() }
}

/** The items that hold all words, those first whose label begins with what was typed. */
export function rank(items: readonly PaletteItem[], words: string, limit: number): readonly PaletteItem[] {
  const typed = words.toLocaleLowerCase()
  const parts = typed.split(/\s+/).filter(Boolean)
  const score = (item: PaletteItem) => {
    const label = item.label.toLocaleLowerCase()
    if (label.startsWith(typed)) return 0
    return parts.every((part) => label.includes(part)) ? 1 : 2
  }
  return items
    .filter((item) => {
      const text = `${item.label} ${item.detail ?? ''}`.toLocaleLowerCase()
      return parts.every((part) => text.includes(part))
    })
    .toSorted((one, other) => score(one) - score(other))
    .slice(0, limit)
}
