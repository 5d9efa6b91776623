import { useEffect, useRef } from 'react'
import { t } from '@/i18n/en/logs'
import styles from './editor.module.css'
import { useEditorStore, type EditorHandle } from './handle'
import type { EditorProps } from './KqlEditor'

/** Where one writes until the full editor is there, and where it can't be loaded. */
export function PlainEditor({ text, onChange, onRun, onCancel, onSave }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const change = useRef(onChange)
  useEffect(() => {
    change.current = onChange
  })
  useEffect(() => {
    const { setHandle } = useEditorStore.getState()
    if (area.current) setHandle(handleOf(area.current, (next) => change.current(next)))
    return () => setHandle(null)
  }, [])

  function onKeyDown(event: React.KeyboardEvent) {
    if (event.key === 'Enter' && (event.shiftKey || event.ctrlKey || event.metaKey)) onRun()
    else if (event.key === 'Escape') onCancel()
    else if (event.key === 's' && (event.ctrlKey || event.metaKey)) onSave()
    else return
    event.preventDefault()
  }

  return (
    <textarea
      ref={area}
      className={styles['plain']}
      aria-label={t.editor.label}
      placeholder={t.editor.placeholder}
      value={text}
      spellCheck={false}
      autoCapitalize="off"
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKeyDown}
    />
  )
}

function handleOf(area: HTMLTextAreaElement, onChange: (text: string) => void): EditorHandle {
  const handle: EditorHandle = {
    getText: () => area.value,
    getSelection: () => ({ start: area.selectionStart, end: area.selectionEnd }),
    replace: ({ start, end }, text) => {
      area.setRangeText(text, start, end, 'end')
      onChange(area.value)
    },
    insert: (text) => handle.replace(handle.getSelection(), text),
    select: ({ start, end }) => {
      area.focus()
      area.setSelectionRange(start, end)
    },
    focus: () => area.focus(),
    format: () => undefined,
    toggleComment: () => undefined,
  }
  return handle
}
