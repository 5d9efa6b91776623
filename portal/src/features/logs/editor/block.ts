import { t } from '@/i18n/en/logs'
import styles from './editor.module.css'
import { monaco } from './monaco'
import { blockAt } from './spans'

/** Puts a run button beside the first line of the block under the cursor. */
export function markBlock(editor: monaco.editor.IStandaloneCodeEditor, onRun: () => void): void {
  const marks = editor.createDecorationsCollection()
  const glyph = styles['run'] ?? ''
  const mark = () => {
    const model = editor.getModel()
    const position = editor.getPosition()
    if (!model || !position) return marks.clear()
    const { start, end } = blockAt(model.getValue(), model.getOffsetAt(position))
    if (start === end) return marks.clear()
    const at = model.getPositionAt(start)
    const options = { glyphMarginClassName: glyph, glyphMarginHoverMessage: { value: t.editor.runBlock } }
    marks.set([{ range: monaco.Range.fromPositions(at), options }])
  }
  // Not inside of the editor's own event: a decoration that is set there has it tell the event once more.
  let frame = 0
  const markSoon = () => {
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(mark)
  }
  editor.onDidChangeCursorPosition(markSoon)
  editor.onDidChangeModel(markSoon)
  editor.onDidChangeModelContent(markSoon)
  editor.onDidDispose(() => cancelAnimationFrame(frame))
  editor.onMouseDown(({ target }) => {
    if (
      target.type === monaco.editor.MouseTargetType.GUTTER_GLYPH_MARGIN &&
      target.element?.classList.contains(glyph)
    )
      onRun()
  })
}
