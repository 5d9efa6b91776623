import { formatCount } from '@/lib/format'
import { literalOf, quote } from '@/lib/kql-literal'
import { columnValues, type ColumnValues } from '../run/values'
import type { Metadata } from '../schema/metadata'
import { LANGUAGE, monaco } from './monaco'
import { blockAt } from './spans'
import { reopenSuggestions } from './suggest'
import { valuePlace, type ValuePlace } from './value-place'

/** A place is looked for in so much text before the cursor. */
const LOOKED_AT = 2_000
const LONGEST_VALUE = 500
const LONGEST_LABEL = 80

/** Where values are asked for: the editor that has the focus, and what its tables are. */
export interface ValueAsker {
  readonly editor: monaco.editor.IStandaloneCodeEditor
  readonly metadata: () => Metadata | undefined
}

/**
 * Offers the values of a column behind `Column ==` and the like. It answers at once with what is known: what has to be
 * asked for first comes later, and the list is opened again then if the cursor is still there.
 */
export function offerValues({ editor, metadata }: ValueAsker): monaco.IDisposable {
  return monaco.languages.registerCompletionItemProvider(LANGUAGE, {
    triggerCharacters: [' ', '"', "'", '(', ','],
    provideCompletionItems(model, position) {
      if (model !== editor.getModel()) return null
      const end = model.getOffsetAt(position)
      const text = model.getValue()
      const block = blockAt(text, end)
      const place = valuePlace(text.slice(Math.max(block.start, end - LOOKED_AT), end))
      if (!place) return null
      const version = model.getVersionId()
      const reopen = () => {
        const isSame = editor.getModel() === model && model.getVersionId() === version
        if (isSame && editor.hasTextFocus() && editor.getPosition()?.equals(position))
          reopenSuggestions(editor)
      }
      const found = columnValues(place.column, text.slice(block.start, block.end), metadata(), reopen)
      if (!found || (place.isOfText && found.type !== 'string')) return null
      return { suggestions: itemsOf(found, place, rangeOf(model, position, place)) }
    },
  })
}

/** What a value takes the place of: what was begun, and the quote that the editor closed it with. */
function rangeOf(
  model: monaco.editor.ITextModel,
  { lineNumber, column }: monaco.Position,
  { mark, length }: ValuePlace,
): monaco.IRange {
  const next = model.getLineContent(lineNumber)[column - 1]
  const isClosed = mark !== '' && next === mark
  return {
    startLineNumber: lineNumber,
    startColumn: column - length,
    endLineNumber: lineNumber,
    endColumn: column + (isClosed ? 1 : 0),
  }
}

function itemsOf(
  { type, values }: ColumnValues,
  { mark }: ValuePlace,
  range: monaco.IRange,
): monaco.languages.CompletionItem[] {
  const fitting = values.filter(
    ({ text }) => text.length <= LONGEST_VALUE && (mark === '' || type === 'string'),
  )
  return fitting.map(({ text, count }, index) => ({
    label: {
      label: text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL)}…` : text,
      description: count > 0 ? formatCount(count) : '',
    },
    kind: monaco.languages.CompletionItemKind.Value,
    insertText: spell(text, type, mark),
    filterText: mark + text,
    // Before what the language could say here.
    sortText: ` ${String(index).padStart(3, '0')}`,
    range,
  }))
}

/** A short number is said without its type: what it is compared with has one. */
function spell(text: string, type: string, mark: ValuePlace['mark']): string {
  if (type === 'string') return quote(text, mark === "'" ? "'" : '"')
  return type === 'int' && !text.startsWith('-') ? text : literalOf(text, type)
}
