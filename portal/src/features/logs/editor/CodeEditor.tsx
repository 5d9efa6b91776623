import { useEffect, useId, useRef } from 'react'
import { t } from '@/i18n/en/logs'
import { markBlock } from './block'
import styles from './editor.module.css'
import { demoteService, offerFixes, showFindings } from './findings'
import { useEditorStore } from './handle'
import type { CodeEditorProps } from './KqlEditor'
import { makeHandle } from './make-handle'
import { openModel, rangeOf, setText } from './models'
import { monaco } from './monaco'
import { bindKeys } from './keys'
import { tellSchema } from './tell-schema'
import { followTheme } from './theme'
import { offerValues } from './value-completion'
import { textOf } from '../tabs/store'

type Editor = monaco.editor.IStandaloneCodeEditor

let isPrepared = false

/** What is done once, whatever number of editors come. */
function prepare(): void {
  if (isPrepared) return
  isPrepared = true
  demoteService()
  offerFixes()
}

/** The full editor. One for all tabs: a tab's text is a model that it shows. */
export function CodeEditor(props: CodeEditorProps) {
  const { tabId, text, findings, metadata, named, initial } = props
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<Editor>(null)
  const latest = useRef(props)
  const hintId = useId()
  useEffect(() => {
    latest.current = props
  })

  useEffect(() => {
    if (!host.current) return
    prepare()
    const stopTheme = followTheme()
    const made = createEditor(host.current, hintId)
    editor.current = made
    bindKeys(made, host.current, latest)
    markBlock(made, () => latest.current.onRun())
    made.onDidChangeModelContent(() => latest.current.onChange(made.getModel()?.getValue() ?? ''))
    const values = offerValues({ editor: made, metadata: () => latest.current.metadata })
    const { setHandle } = useEditorStore.getState()
    setHandle(makeHandle(made))
    return () => {
      setHandle(null)
      values.dispose()
      stopTheme()
      made.dispose()
      editor.current = null
    }
  }, [hintId])

  useShownTab(editor, tabId, text, initial)

  useEffect(() => {
    const model = editor.current?.getModel()
    // What the store has now, not what this rendering was given: keys may have been pressed since.
    if (model) setText(model, textOf(tabId) ?? text)
  }, [text, tabId])

  useEffect(() => {
    const model = editor.current?.getModel()
    if (model && findings) showFindings(model, findings)
  }, [findings])

  useEffect(() => {
    const shown = editor.current
    if (metadata && shown) void tellSchema({ editor: shown, metadata, others: named })
  }, [metadata, named])

  return (
    <>
      <div ref={host} className={styles['code']} />
      <span id={hintId} hidden>
        {t.editor.tabHint}
      </span>
    </>
  )
}

function createEditor(host: HTMLElement, hintId: string): Editor {
  const family = getComputedStyle(document.documentElement).getPropertyValue('--font-code').trim()
  const editor = monaco.editor.create(host, {
    model: null,
    ariaLabel: t.editor.label,
    placeholder: t.editor.placeholder,
    automaticLayout: true,
    fixedOverflowWidgets: true,
    fontFamily: family,
    fontSize: 13,
    lineHeight: 20,
    padding: { top: 8, bottom: 8 },
    minimap: { enabled: false },
    glyphMargin: true,
    lineNumbersMinChars: 3,
    lineDecorationsWidth: 4,
    scrollBeyondLastLine: false,
    renderLineHighlight: 'none',
    overviewRulerLanes: 0,
    wordWrap: 'on',
    wordBasedSuggestions: 'off',
    links: false,
    occurrencesHighlight: 'off',
    fixedOverflowWidgetsDomNode: undefined,
    stickyScroll: { enabled: false },
  } as monaco.editor.IStandaloneEditorConstructionOptions)
  host.querySelector('textarea')?.setAttribute('aria-describedby', hintId)
  return editor
}

/** Shows the tab's text, where it was left. */
function useShownTab(
  editor: React.RefObject<Editor | null>,
  tabId: string,
  text: string,
  initial: CodeEditorProps['initial'],
): void {
  const first = useRef(initial)
  const newest = useRef(text)
  useEffect(() => {
    newest.current = text
  })
  useEffect(() => {
    const shown = editor.current
    if (!shown) return
    const kept = openModel(tabId, newest.current)
    setText(kept.model, newest.current)
    shown.setModel(kept.model)
    if (kept.view) shown.restoreViewState(kept.view)
    const start = first.current
    if (start.hasFocus || start.selection.end > 0) shown.setSelection(rangeOf(kept.model, start.selection))
    if (start.hasFocus) shown.focus()
    first.current = { selection: { start: 0, end: 0 }, hasFocus: false }
    return () => {
      kept.view = shown.getModel() === kept.model ? shown.saveViewState() : kept.view
    }
  }, [editor, tabId])
}
