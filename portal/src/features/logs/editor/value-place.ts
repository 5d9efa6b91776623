/** Where in a query a value of a column is written, and what of it is there already. */
export interface ValuePlace {
  readonly column: string
  /** The quote that was begun with; none yet, or none needed. */
  readonly mark: '"' | "'" | ''
  /** Characters before the cursor that belong to the value, the quote with them. */
  readonly length: number
  /** Only texts are compared so. */
  readonly isOfText: boolean
}

const NAME = String.raw`(?:(?<plain>[A-Za-z_]\w*)|\[\s*(?:"(?<double>[^"]+)"|'(?<single>[^']+)')\s*\])`
const LITERAL = String.raw`(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|-?[\w.]+(?:\([^()]*\))?)`
const PARTIAL = String.raw`(?<partial>"(?:[^"\\\n]|\\.)*|'(?:[^'\\\n]|\\.)*|-?[\w.]*)`
const WORDS = String.raw`!?(?:has|hasprefix|hassuffix|contains|startswith|endswith)(?:_cs)?`

const COMPARED = new RegExp(`${NAME}\\s*(?<sign>==|!=|=~|!~)\\s*${PARTIAL}$`)
const SEARCHED = new RegExp(`${NAME}\\s+${WORDS}(?:\\s+|(?=["']))${PARTIAL}$`)
const LISTED = new RegExp(
  `${NAME}\\s+(?:(?<text>has_any|has_all|!?in~)|!?in)\\s*\\(\\s*(?:${LITERAL}\\s*,\\s*)*${PARTIAL}$`,
)

/** The place of a value at the end of a text; null where none is expected. */
export function valuePlace(before: string): ValuePlace | null {
  for (const form of [COMPARED, SEARCHED, LISTED]) {
    const found = form.exec(before)?.groups
    if (!found) continue
    const { plain, double, single, partial = '', sign, text } = found
    const [mark = ''] = partial.startsWith('"') || partial.startsWith("'") ? partial : ''
    return {
      column: plain ?? double ?? single ?? '',
      mark: mark as ValuePlace['mark'],
      length: partial.length,
      isOfText: form === SEARCHED || text !== undefined || sign === '=~' || sign === '!~',
    }
  }
  return null
}
