/** KQL as far as parameters need it: words apart from texts and comments. The server's parser has the last word. */

export interface Token {
  readonly text: string
  readonly kind: 'word' | 'sign' | 'rest'
}

const TOKEN =
  /(\/\/[^\n]*|```[^]*?```|[hH]?@"(?:[^"]|"")*"|[hH]?@'(?:[^']|'')*'|[hH]?"(?:\\.|[^"\\\n])*"|[hH]?'(?:\\.|[^'\\\n])*'|\['(?:\\.|[^'\\\n])*'\]|\s+)|([A-Za-z_$]\w*)|([^])/g

export function tokensOf(query: string): Token[] {
  return [...query.matchAll(TOKEN)].map(([text, rest, word]) => ({
    text,
    kind: rest === undefined ? (word === undefined ? 'sign' : 'word') : 'rest',
  }))
}

/** Whether the query names it outside of texts and comments, and not as a member (`a.Host`). */
export function mentions(tokens: readonly Token[], name: string): boolean {
  return tokens.some(
    ({ kind, text }, index) => kind === 'word' && text === name && tokens[index - 1]?.text !== '.',
  )
}

/** The query with `true` in the place of each comparison in a `where` that names one of these. */
export function dropPredicates(query: string, names: readonly string[]): string {
  const tokens = tokensOf(query)
  let made = ''
  let index = 0
  while (index < tokens.length) {
    const token = tokens[index]
    const next = token?.text === '|' ? nextWord(tokens, index + 1) : -1
    const word = tokens[next]?.text
    if (next < 0 || (word !== 'where' && word !== 'filter')) {
      made += token?.text ?? ''
      index += 1
      continue
    }
    const end = endOfStage(tokens, next + 1)
    made += textOf(tokens.slice(index, next + 1)) + relax(tokens.slice(next + 1, end), names)
    index = end
  }
  return made
}

function nextWord(tokens: readonly Token[], from: number): number {
  for (let index = from; index < tokens.length; index += 1) {
    if (tokens[index]?.kind === 'word') return index
    if (tokens[index]?.kind === 'sign') return -1
  }
  return -1
}

const OPENS = '([{'
const CLOSES = ')]}'

/** Where the stage ends: at the next pipe, semicolon or bracket that is not its own. */
function endOfStage(tokens: readonly Token[], from: number): number {
  let depth = 0
  for (let index = from; index < tokens.length; index += 1) {
    const { text, kind } = tokens[index] as Token
    if (kind !== 'sign') continue
    if (depth === 0 && (text === '|' || text === ';' || CLOSES.includes(text))) return index
    if (OPENS.includes(text)) depth += 1
    if (CLOSES.includes(text)) depth -= 1
  }
  return tokens.length
}

function relax(tokens: readonly Token[], names: readonly string[]): string {
  let made = ''
  let atom: Token[] = []
  let depth = 0
  const close = () => {
    made += relaxAtom(atom, names)
    atom = []
  }
  for (const token of tokens) {
    if (token.kind === 'sign' && OPENS.includes(token.text)) depth += 1
    if (token.kind === 'sign' && CLOSES.includes(token.text)) depth -= 1
    if (depth === 0 && token.kind === 'word' && (token.text === 'and' || token.text === 'or')) {
      close()
      made += token.text
    } else atom.push(token)
  }
  close()
  return made
}

/** One comparison: as it is, `true`, or with what stands in its brackets relaxed. */
function relaxAtom(atom: readonly Token[], names: readonly string[]): string {
  if (!names.some((name) => mentions(atom, name))) return textOf(atom)
  const first = atom.findIndex(({ kind }) => kind !== 'rest')
  const last = atom.findLastIndex(({ kind }) => kind !== 'rest')
  const [before, after] = [textOf(atom.slice(0, first)), textOf(atom.slice(last + 1))]
  const isBracketed = atom[first]?.text === '(' && endOfStage(atom, first + 1) === last
  const inner = isBracketed ? `(${relax(atom.slice(first + 1, last), names)})` : 'true'
  return before + inner + after
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join('')
}
