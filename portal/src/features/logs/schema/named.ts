const REFERENCE = /\b(?:workspace|database)\s*\(\s*(?:"([^"\n]+)"|'([^'\n]+)')\s*\)/g

/** The workspaces that a text names itself, as it writes them. */
export function namedIn(text: string): readonly string[] {
  const names = Array.from(text.matchAll(REFERENCE), ([, double, single]) => double ?? single ?? '')
  return [...new Set(names)].toSorted()
}
