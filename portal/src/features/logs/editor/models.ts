import { LANGUAGE, monaco } from './monaco'
import { changeBetween, type Span } from './spans'

type Model = monaco.editor.ITextModel
interface Kept {
  readonly model: Model
  view: monaco.editor.ICodeEditorViewState | null
}

/** The texts of the open tabs, each with its own undo and its own place. */
const kept = new Map<string, Kept>()

export function openModel(tabId: string, text: string): Kept {
  const found = kept.get(tabId)
  if (found && !found.model.isDisposed()) return found
  const model = monaco.editor.createModel(text, LANGUAGE, monaco.Uri.parse(`inmemory://kelp/${tabId}.kql`))
  model.setEOL(monaco.editor.EndOfLineSequence.LF)
  const made = { model, view: null }
  kept.set(tabId, made)
  return made
}

/** Makes the text another one by the smallest change, so that the cursor and the steps to undo stay. */
export function setText(model: Model, text: string): void {
  if (model.getValue() === text) return
  const change = changeBetween(model.getValue(), text)
  replaceIn(model, change.span, change.text)
}

/** One change, one step to undo. */
export function replaceIn(model: Model, span: Span, text: string): void {
  model.pushStackElement()
  model.pushEditOperations([], [{ range: rangeOf(model, span), text }], () => null)
  model.pushStackElement()
}

export function rangeOf(model: Model, { start, end }: Span): monaco.Range {
  return monaco.Range.fromPositions(model.getPositionAt(start), model.getPositionAt(end))
}
