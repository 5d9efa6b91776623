import type { CodeEditorProps } from './KqlEditor'
import { monaco } from './monaco'

/** Something of the editor's own is open, and Escape is for closing that. */
const IS_BUSY =
  'suggestWidgetVisible || findWidgetVisible || renameInputVisible || editorHasMultipleSelections || markersNavigationVisible || codeActionMenuVisible'

export function bindKeys(
  editor: monaco.editor.IStandaloneCodeEditor,
  host: HTMLElement,
  latest: { readonly current: CodeEditorProps },
): void {
  const { KeyCode, KeyMod } = monaco
  const isIdle = IS_BUSY.split(' || ')
    .map((name) => `!${name}`)
    .join(' && ')
  const run = () => {
    editor.trigger('run', 'hideSuggestWidget', {})
    latest.current.onRun()
  }
  editor.addCommand(KeyMod.Shift | KeyCode.Enter, run)
  editor.addCommand(KeyMod.CtrlCmd | KeyCode.Enter, run)
  editor.addCommand(KeyMod.CtrlCmd | KeyCode.KeyS, () => latest.current.onSave())
  // Monaco's own key for it is another one on each system.
  editor.addCommand(KeyMod.Alt | KeyMod.Shift | KeyCode.KeyF, () =>
    editor.getAction('editor.action.formatDocument')?.run(),
  )
  editor.addCommand(KeyCode.Escape, () => latest.current.onCancel(), isIdle)
  // Ctrl+K is the page's: Monaco would wait for a second key after it.
  host.addEventListener('keydown', passPalette, { capture: true })
}

function passPalette(event: KeyboardEvent): void {
  const isPalette =
    event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey
  if (!isPalette || !event.isTrusted) return
  event.stopPropagation()
  event.preventDefault()
  const { key, code, ctrlKey, metaKey } = event
  document.body.dispatchEvent(
    new KeyboardEvent('keydown', { key, code, ctrlKey, metaKey, bubbles: true, cancelable: true }),
  )
}
