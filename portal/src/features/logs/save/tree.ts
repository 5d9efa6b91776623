import type { PackQuery, SavedSearch } from './api'

/** One saved thing, wherever it is kept. */
export interface SavedItem {
  readonly id: string
  readonly kind: 'search' | 'function' | 'pack'
  readonly name: string
  /** Category, or the pack. */
  readonly group: string
  readonly text: string
  /** As a function is called. */
  readonly call: string | null
  readonly tags: readonly string[]
  readonly search: SavedSearch | null
}

export interface SavedGroup {
  readonly name: string
  readonly items: readonly SavedItem[]
}

export function itemOfSearch(search: SavedSearch): SavedItem {
  const { displayName, category, query, functionAlias, functionParameters, tags } = search.properties
  return {
    id: search.id,
    kind: functionAlias ? 'function' : 'search',
    name: displayName,
    group: category,
    text: query,
    call: functionAlias ? `${functionAlias}(${functionParameters ?? ''})` : null,
    tags: (tags ?? []).map((tag) => tag.value),
    search,
  }
}

export function itemOfPack(query: PackQuery): SavedItem {
  const { displayName, body } = query.properties
  return {
    id: query.id,
    kind: 'pack',
    name: displayName,
    group: query.packName,
    text: body,
    call: null,
    tags: [],
    search: null,
  }
}

/** Items whose name, text, group or tags have the words, by group, all in alphabetical order. */
export function groupItems(items: readonly SavedItem[], words: string): SavedGroup[] {
  const wanted = words.trim().toLowerCase()
  const groups = new Map<string, SavedItem[]>()
  for (const item of items) {
    const texts = [item.name, item.text, item.group, item.call ?? '', ...item.tags]
    if (!texts.some((text) => text.toLowerCase().includes(wanted))) continue
    groups.set(item.group, [...(groups.get(item.group) ?? []), item])
  }
  return [...groups]
    .map(([name, found]) => ({
      name,
      items: found.toSorted((one, other) => one.name.localeCompare(other.name)),
    }))
    .toSorted((one, other) => one.name.localeCompare(other.name))
}
