/** What a form changes, member by member, so that it overwrites nothing that it does not mean to. */

/** Values by their path in the document: `properties.retentionInDays`. */
export type Values = Readonly<Record<string, unknown>>

export interface Difference {
  readonly path: string
  readonly was: unknown
  readonly now: unknown
  readonly mine: unknown
}

/** The values that somebody changed. */
export function editedOf(base: Values, wanted: Values): Values {
  return Object.fromEntries(Object.entries(wanted).filter(([path, value]) => !isSame(base[path], value)))
}

/** Of the values that are to be saved, those that somebody else has set otherwise meanwhile. */
export function differencesOf(base: Values, newest: Values, mine: Values): readonly Difference[] {
  return Object.entries(mine)
    .map(([path, value]) => ({ path, was: base[path], now: newest[path], mine: value }))
    .filter(({ was, now, mine: value }) => !isSame(was, now) && !isSame(now, value))
}

/** The document that has these values and nothing else. */
export function documentOf(values: Values): Record<string, unknown> {
  const document: Record<string, unknown> = {}
  for (const [path, value] of Object.entries(values)) {
    const names = path.split('.')
    const last = names.pop()!
    let place = document
    for (const name of names) place = (place[name] ??= {}) as Record<string, unknown>
    place[last] = value
  }
  return document
}

/** Tags as they are typed: a line each, `name = value`. */
export function tagsOf(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...value] = line.split('=')
      return [name.trim(), value.join('=').trim()]
    }),
  )
}

export function printTags(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${name} = ${value}`)
    .join('\n')
}

/** Words parted by lines, blanks or commas: ranges of addresses, names of tables. */
export function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}

function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other)
}

function canonical(value: unknown): string {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return JSON.stringify(isRecord ? Object.entries(value).toSorted() : (value ?? null))
}
