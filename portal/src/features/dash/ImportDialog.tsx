import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/i18n/en/dash'
import { Dialog, Form, LinkButton, TextArea } from '@/ui'
import type { Dashboard } from './document'
import { readForeign } from './import/read'
import type { Report } from './import/report'

interface Props {
  readonly isOpen: boolean
  readonly onClose: () => void
  /** Keeps it, and tells the address that it has then. */
  readonly onKeep: (dashboard: Dashboard) => Promise<string>
}

/** Takes a dashboard from a file or from text; tells what could not be taken over. */
export function ImportDialog({ isOpen, onClose, onKeep }: Props) {
  const router = useRouter()
  const [text, setText] = useState('')
  const [done, setDone] = useState<{ href: string; report: Report; title: string } | null>(null)
  const close = () => {
    setText('')
    setDone(null)
    onClose()
  }
  return (
    <Dialog
      title={t.importTitle}
      isOpen={isOpen}
      onClose={close}
      size="wide"
      actions={done && <LinkButton href={done.href}>{t.openIt}</LinkButton>}
    >
      {done ? (
        <div role="status">
          <p>{t.imported(done.title)}</p>
          <Told title={t.importChanged} lines={done.report.changed} />
          <Told title={t.importLeft} lines={done.report.left} />
          <Told title={t.importTaken} lines={done.report.taken} />
        </div>
      ) : (
        <Form
          submitLabel={t.importIt}
          onCancel={close}
          onSubmit={async () => {
            const { dashboard, report } = readForeign(text)
            const href = await onKeep(dashboard)
            if (report.changed.length + report.left.length === 0) router.history.push(href)
            else setDone({ href, report, title: dashboard.title })
          }}
        >
          <p>{t.importText}</p>
          <label>
            {t.importFile}{' '}
            <input
              type="file"
              accept=".json,.workbook,application/json"
              onChange={(event) => void event.target.files?.[0]?.text().then(setText)}
            />
          </label>
          <TextArea label={t.importJson} isCode rows={12} value={text} onChange={setText} isRequired />
        </Form>
      )}
    </Dialog>
  )
}

function Told({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {[...new Set(lines)].map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  )
}
