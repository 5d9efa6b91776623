import { request } from '@/api/client'
import { blockAt, type Span } from '../editor/spans'
import type { Placement } from './state'

export interface Statement extends Placement {
  /** What is sent: the statement with the lets it needs. */
  readonly query: string
}

/** What a run takes of a text: the selection, else the statement under the cursor with the lets that it needs. */
export async function statementAt(text: string, selection: Span): Promise<Statement | null> {
  if (text.slice(selection.start, selection.end).trim() !== '') {
    return { query: text.slice(selection.start, selection.end), span: selection, prefix: 0 }
  }
  const block = blockAt(text, selection.start)
  if (block.start === block.end) return null
  const found = await request<{ start: number; end: number; text: string }>(
    'POST',
    '/portal/api/kql/statement',
    {
      body: { query: text, position: Math.min(Math.max(selection.start, block.start), block.end) },
    },
  )
  const prefix = Math.max(0, found.text.length - (found.end - found.start))
  return { query: found.text, span: { start: found.start, end: found.end }, prefix }
}

/** Whether a query names the time of its records itself, so that a range beside it would only hide some. */
export function filtersTime(query: string): boolean {
  const code = query.replaceAll(/\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, ' ')
  return /\bTimeGenerated\s*(?:[<>]=?|==|!=|between\b|!between\b|in\b)|[<>]=?\s*TimeGenerated\b/.test(code)
}
