const LINE = String.raw`\s*\|\s*render\s+\w+(?:\s+with\s*\((?:[^"')]|"[^"]*"|'[^']*')*\))?`
const RENDER = new RegExp(String.raw`${LINE}\s*;?\s*$`)
const RENDER_NEXT = new RegExp(`^${LINE}`)

/** How long the line is that stands at a place of a text and says how the query before it is drawn; 0 for none. */
export function renderLengthAt(text: string, at: number): number {
  return RENDER_NEXT.exec(text.slice(at))?.[0].length ?? 0
}

/** Where the query says how it is drawn: from behind its last other operator to its end; an empty span where it doesn't. */
export function renderSpan(query: string): { readonly start: number; readonly end: number } {
  const end = query.trimEnd().length
  const start = RENDER.exec(query)?.index ?? end
  return { start, end }
}

/** The query drawn as a line says (`render ...`); not drawn at all where there is none. */
export function withRender(query: string, line: string | null): string {
  const { start, end } = renderSpan(query)
  return query.slice(0, start) + (line === null ? '' : `\n| ${line}`) + query.slice(end)
}
