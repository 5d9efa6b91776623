import { useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/dash'
import { Dialog, Form, LinkButton, TextArea } from '@/ui'
import { readDashboard, type Dashboard } from './document'
import { importAzureWorkbook, isAzureWorkbook, type Imported } from './import-azure'

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
  const [done, setDone] = useState<{ href: string; report: readonly string[]; title: string } | null>(null)
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
          <p>{t.importReport}</p>
          <ul>
            {done.report.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      ) : (
        <Form
          submitLabel={t.importIt}
          onCancel={close}
          onSubmit={async () => {
            const { dashboard, report } = readForeign(text)
            const href = await onKeep(dashboard)
            if (report.length === 0) router.history.push(href)
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

const BAD = 400

/** The dashboard of a text, as a new one. Raises `ApiError` with all that is wrong with it. */
export function readForeign(text: string): Imported {
  const read = readDashboard(text)
  if (read.dashboard) return { dashboard: { ...read.dashboard, id: crypto.randomUUID() }, report: [] }
  const foreign = findAzure(text)
  if (foreign) return importAzureWorkbook(foreign, titleOf(foreign))
  throw new ApiError(
    BAD,
    'NotADashboard',
    t.importNeither,
    read.faults.map(({ target, message }) => ({ code: 'InvalidDashboard', target, message })),
  )
}

type Json = Readonly<Record<string, unknown>>

/** An Azure workbook: the document itself, or the resource that has it as text. */
function findAzure(text: string): Json | null {
  try {
    const document = JSON.parse(text) as { properties?: { serializedData?: string } }
    const inner: unknown = document.properties?.serializedData
      ? JSON.parse(document.properties.serializedData)
      : document
    return isAzureWorkbook(inner) ? inner : null
  } catch {
    return null
  }
}

function titleOf(document: Json): string {
  return typeof document['title'] === 'string' ? document['title'] : t.workbook
}
