/** What became of another product's document, in words for whoever brought it; and reading of documents of unknown shape. */

import { t } from '@/i18n/en/dash-import'
import type { Dashboard, Item } from '../document'

export interface Report {
  /** What is as it was. */
  readonly taken: string[]
  /** What is here, but not as it was. */
  readonly changed: string[]
  readonly left: string[]
}

export interface Imported {
  readonly dashboard: Dashboard
  readonly report: Report
}

export type Json = Readonly<Record<string, unknown>>

export function newReport(): Report {
  return { taken: [], changed: [], left: [] }
}

/** An item in the place of one that is not drawn here: it has its name and says what it was. */
export function placeholder(base: Omit<Item, 'kind'>, what: string, name: string, report: Report): Item {
  report.left.push(t.notDrawn(name, what))
  return { ...base, kind: 'foreign', source: `${what}: ${name}` }
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectOf(value: unknown): Json {
  return isJson(value) ? value : {}
}

export function valuesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function listOf(value: unknown): Json[] {
  return valuesOf(value).filter(isJson)
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** A name that a parameter can have. */
export function nameOf(text: string): string {
  const name = text.replace(/\W/g, '_')
  return /^[A-Za-z_]/.test(name) ? name : `_${name}`
}

/** `30s`, `5m`, `1h`, `7d` as an ISO 8601 duration; null for what is none. */
export function durationOf(text: string): string | null {
  const [, count, unit = ''] = /^(\d+)\s*([smhd])/.exec(text) ?? []
  if (!count) return null
  return unit === 'd' ? `P${count}D` : `PT${count}${unit.toUpperCase()}`
}

/** A query with each of its texts in quotes, and all between them, put through a function of its own. */
export function mapTexts(
  query: string,
  quoted: (inner: string, whole: string) => string,
  between: (part: string) => string,
): string {
  return query.replace(/("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|[^"']+/g, (part, text?: string) =>
    text === undefined ? between(part) : quoted(text.slice(1, -1), text),
  )
}
