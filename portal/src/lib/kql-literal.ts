/** Values as a query writes them. */

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\0': '\\0',
}

/** A text between quotes as KQL reads it. */
export function quote(text: string, mark: '"' | "'" = '"'): string {
  const escaped = text.replaceAll(/["'\\\p{Cc}\u2028\u2029]/gu, (letter) => {
    if (letter === '"' || letter === "'") return letter === mark ? `\\${letter}` : letter
    return ESCAPES[letter] ?? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return mark + escaped + mark
}

/** A value in canonical text as a literal of its type; null where there is none. A real is said as a number is. */
export function literalOf(text: string | null, type: string): string {
  switch (type) {
    case 'string':
      return quote(text ?? '')
    case 'bool':
      return text ?? 'bool(null)'
    case 'long':
      return text === null || text.startsWith('-') ? `long(${text})` : text
    default:
      return `${type}(${text})`
  }
}
