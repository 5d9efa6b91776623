/**
 * Reads a JSON text by its places, one level at a time: a document of 2 MB costs what is opened of it, and its numbers
 * keep the digits they were written with. The text must be JSON, as the server's are.
 */
import type { JsonChildren, JsonNode } from './protocol'

const PREVIEW = 200

/** The value that begins at a place, after any space. */
export function nodeAt(text: string, place: number, key: string | number = ''): JsonNode {
  const start = skipSpace(text, place)
  const end = skipValue(text, start)
  return { key, kind: kindOf(text[start]), start, end, preview: previewOf(text, start, end) }
}

/** The members of the object or array that begins at a place, from one of them on. */
export function childrenAt(text: string, start: number, from: number, count: number): JsonChildren {
  const nodes: JsonNode[] = []
  const isObject = text[start] === '{'
  let place = skipSpace(text, start + 1)
  let index = 0
  while (place < text.length && text[place] !== '}' && text[place] !== ']') {
    let key: string | number = index
    if (isObject) {
      const end = skipValue(text, place)
      key = JSON.parse(text.slice(place, end)) as string
      place = skipSpace(text, skipSpace(text, end) + 1)
    }
    const isWanted = index >= from && index < from + count
    const end = isWanted ? push(nodes, nodeAt(text, place, key)) : skipValue(text, place)
    place = skipSpace(text, end)
    if (text[place] === ',') place = skipSpace(text, place + 1)
    index += 1
  }
  return { nodes, total: index }
}

/** A scalar's own text: a string without its quotes and escapes, anything else as it is written. */
export function scalarAt(text: string, start: number, end: number): string {
  const written = text.slice(start, end)
  return written.startsWith('"') ? (JSON.parse(written) as string) : written
}

function push(nodes: JsonNode[], node: JsonNode): number {
  nodes.push(node)
  return node.end
}

function kindOf(letter: string | undefined): JsonNode['kind'] {
  switch (letter) {
    case '{':
      return 'object'
    case '[':
      return 'array'
    case '"':
      return 'string'
    case 't':
      return 'true'
    case 'f':
      return 'false'
    case 'n':
      return 'null'
    default:
      return 'number'
  }
}

function previewOf(text: string, start: number, end: number): string {
  if (text[start] !== '"') return text.slice(start, Math.min(end, start + PREVIEW))
  if (end - start <= PREVIEW) return scalarAt(text, start, end)
  // The cut must not fall into an escape: what follows an odd backslash is dropped with it.
  const piece = text.slice(start, start + PREVIEW).replace(/\\(?:u[0-9a-fA-F]{0,3})?$/, '')
  try {
    return JSON.parse(`${piece}"`) as string
  } catch {
    return piece.slice(1)
  }
}

function skipSpace(text: string, place: number): number {
  let at = place
  while (at < text.length && text.charCodeAt(at) <= 32) at += 1
  return at
}

/** The place after the value that begins here. */
function skipValue(text: string, start: number): number {
  const first = text[start]
  if (first === '"') return skipString(text, start)
  if (first !== '{' && first !== '[') {
    let at = start
    while (at < text.length && !',]} \n\r\t'.includes(text[at]!)) at += 1
    return Math.max(at, start + 1)
  }
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    const letter = text[at]
    if (letter === '"') at = skipString(text, at) - 1
    else if (letter === '{' || letter === '[') depth += 1
    else if ((letter === '}' || letter === ']') && (depth -= 1) === 0) return at + 1
  }
  return text.length
}

function skipString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1) {
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes += 1
    if (slashes % 2 === 0) return end + 1
    end = text.indexOf('"', end + 1)
  }
  return text.length
}
