import { useState } from 'react'
import { t } from '@/i18n/en/dash'
import { TextArea } from '@/ui'
import css from './dash.module.css'
import { readDashboard, type Dashboard } from './document'
import type { Fault } from './check'

interface Props {
  readonly dashboard: Dashboard
  /** `gesture` is the same until one leaves the text. */
  readonly onChange: (dashboard: Dashboard, gesture: string) => void
}

/** The document as text beside its picture: each follows the other. */
export function JsonPane({ dashboard, onChange }: Props) {
  const written = JSON.stringify(dashboard, null, 2)
  const [draft, setDraft] = useState<{ text: string; faults: readonly Fault[] } | null>(null)
  const [gesture, setGesture] = useState(() => crypto.randomUUID() as string)
  const change = (text: string) => {
    const read = readDashboard(text)
    setDraft({ text, faults: read.faults })
    if (read.dashboard) onChange(read.dashboard, gesture)
  }
  return (
    <aside className={css['json']}>
      <TextArea
        label={t.jsonLabel}
        isCode
        rows={24}
        value={draft?.text ?? written}
        onChange={change}
        onFocus={() => setGesture(crypto.randomUUID())}
        onBlur={() => draft?.faults.length === 0 && setDraft(null)}
      />
      {draft && draft.faults.length > 0 && <FaultList title={t.jsonFaults} faults={draft.faults} />}
    </aside>
  )
}

export function FaultList({ title, faults }: { readonly title: string; readonly faults: readonly Fault[] }) {
  return (
    <div role="alert" className={css['faults']}>
      {title}
      <ul>
        {faults.map(({ target, message }) => (
          <li key={target + message}>
            {target && <code>{target}</code>} {message}
          </li>
        ))}
      </ul>
    </div>
  )
}
