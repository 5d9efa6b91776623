import styles from './editor.module.css'
import type { EditorHandle } from './handle'
import { rangeOf, replaceIn } from './models'
import type { monaco } from './monaco'
import type { Span } from './spans'

const FLASH_MILLISECONDS = 2_000

export function makeHandle(editor: monaco.editor.IStandaloneCodeEditor): EditorHandle {
  const handle: EditorHandle = {
    getText: () => editor.getModel()?.getValue() ?? '',
    getSelection: () => {
      const model = editor.getModel()
      const selection = editor.getSelection()
      if (!model || !selection) return { start: 0, end: 0 }
      return {
        start: model.getOffsetAt(selection.getStartPosition()),
        end: model.getOffsetAt(selection.getEndPosition()),
      }
    },
    replace: (span, text, options = {}) => {
      const model = editor.getModel()
      if (!model) return
      replaceIn(model, span, text)
      if (options.flash) flash(editor, options.flash)
    },
    insert: (text) => {
      const { start, end } = handle.getSelection()
      handle.replace({ start, end }, text)
      handle.select({ start: start + text.length, end: start + text.length })
    },
    select: (span) => {
      const model = editor.getModel()
      if (!model) return
      const range = rangeOf(model, span)
      editor.setSelection(range)
      editor.revealRangeInCenterIfOutsideViewport(range)
      editor.focus()
    },
    focus: () => editor.focus(),
    format: () => void editor.getAction('editor.action.formatDocument')?.run(),
    toggleComment: () => void editor.getAction('editor.action.commentLine')?.run(),
  }
  return handle
}

/** Tints what was put into the text, long enough to be seen. */
function flash(editor: monaco.editor.IStandaloneCodeEditor, span: Span): void {
  const model = editor.getModel()
  if (!model) return
  const range = rangeOf(model, span)
  const options = { inlineClassName: styles['flash'] ?? '' }
  const tinted = editor.createDecorationsCollection([{ range, options }])
  editor.revealRangeInCenterIfOutsideViewport(range)
  setTimeout(() => tinted.clear(), FLASH_MILLISECONDS)
}
