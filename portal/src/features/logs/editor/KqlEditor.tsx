import { useEffect, useState, type ComponentType } from 'react'
import type { Metadata } from '../schema/metadata'
import type { Finding } from './check'
import styles from './editor.module.css'
import type { NamedSchema } from './engine-schema'
import { currentEditor } from './handle'
import { PlainEditor } from './PlainEditor'
import type { Span } from './spans'

export interface EditorProps {
  /** Each tab has a text of its own, with its own steps to undo. */
  readonly tabId: string
  readonly text: string
  readonly metadata: Metadata | undefined
  /** Workspaces that the text names, with what is in them, and such as it may name. */
  readonly named: readonly NamedSchema[]
  /** What our parser found in the text; null while it has not spoken. */
  readonly findings: readonly Finding[] | null
  readonly onChange: (text: string) => void
  readonly onRun: () => void
  readonly onCancel: () => void
  readonly onSave: () => void
}

export interface CodeEditorProps extends EditorProps {
  /** Where the person was in the plain text when the full editor came. */
  readonly initial: { readonly selection: Span; readonly hasFocus: boolean }
}

/** Fetches the full editor. Whoever knows that it will be shown may begin early; it comes once. */
export function loadCodeEditor() {
  return import('./CodeEditor')
}

/** The way in: plain text at once, the full editor when it has arrived. Typing never waits for it. */
export function KqlEditor(props: EditorProps) {
  const [Code, setCode] = useState<ComponentType<CodeEditorProps> | null>(null)
  const [initial, setInitial] = useState<CodeEditorProps['initial'] | null>(null)

  useEffect(() => {
    let isGone = false
    loadCodeEditor().then(
      (module) => {
        if (isGone) return
        const selection = currentEditor()?.getSelection() ?? { start: 0, end: 0 }
        const active = document.activeElement
        setInitial({
          selection,
          hasFocus: active instanceof HTMLTextAreaElement && active.matches(`.${styles['plain']}`),
        })
        setCode(() => module.CodeEditor)
      },
      () => undefined, // The plain text stays: a query can be written and run in it.
    )
    return () => {
      isGone = true
    }
  }, [])

  return (
    <div className={styles['host']}>
      {Code && initial ? <Code {...props} initial={initial} /> : <PlainEditor {...props} />}
    </div>
  )
}
