import type { monaco } from './monaco'

/** Opens the list of completions anew, with what is known by now: while it is open, the editor would leave it as it is. */
export function reopenSuggestions(editor: monaco.editor.IStandaloneCodeEditor): void {
  editor.trigger('kelp', 'hideSuggestWidget', {})
  editor.trigger('kelp', 'editor.action.triggerSuggest', { auto: true })
}
