import { ask } from '@/api/ask'
import type { Timespan } from '@/lib/time'
import { blockAt, type Span } from '../editor/spans'
import type { Placement } from './state'

export interface Statement extends Placement {
  /** What is sent: the statement with the lets it needs. */
  readonly query: string
}

/** What a run takes of a text: the selection, else the statement under the cursor with the lets that it needs. */
export async function statementAt(text: string, selection: Span): Promise<Statement | null> {
  if (text.slice(selection.start, selection.end).trim() !== '') {
    return whole(text.slice(selection.start, selection.end), selection)
  }
  const block = blockAt(text, selection.start)
  if (block.start === block.end) return null
  const position = Math.min(Math.max(selection.start, block.start), block.end)
  const found = await ask('POST /portal/api/kql/statement', { body: { query: text, position } })
  if (found.parts.length === 0) return null
  return { query: found.text, span: { start: found.start, end: found.end }, parts: found.parts }
}

/** A statement that is sent as it stands in the text. */
export function whole(query: string, span: Span): Statement {
  return { query, span, parts: [{ ...span, textStart: 0 }] }
}

/** Whether a query names the time of its records itself, so that a range beside it would only hide some. */
export function filtersTime(query: string): boolean {
  const code = query.replaceAll(/\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, ' ')
  return /\bTimeGenerated\s*(?:[<>]=?|==|!=|between\b|!between\b|in\b)|[<>]=?\s*TimeGenerated\b/.test(code)
}

/** The range that is sent with a query: none where the query sets its own, or all time is asked for. */
export function sentTimespan(timespan: Timespan, query: string): Timespan | null {
  return timespan === '' || filtersTime(query) ? null : timespan
}
