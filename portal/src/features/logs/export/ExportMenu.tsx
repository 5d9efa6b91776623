import { Download } from 'lucide-react'
import { t } from '@/i18n/en/logs'
import { Button } from '@/ui/Button'
import { Menu, type MenuAction } from '@/ui/Menu'
import { toast } from '@/ui/toast'
import { resultPath } from '../run/state'
import { useRun } from '../run/store'
import { sentTimespan } from '../run/statement'
import { tabStore } from '../tabs/store'
import type { Tab } from '../tabs/tab'
import { asCommand, asCurl, asPowerQuery, asPython, type AskedQuery } from './programs'

const FORMATS = [
  ['csv', t.exporting.csv],
  ['excel-csv', t.exporting.excel],
  ['jsonl', t.exporting.jsonl],
  ['json', t.exporting.json],
  ['parquet', t.exporting.parquet],
  ['arrow', t.exporting.arrow],
] as const

const PROGRAMS = [
  ['curl', t.exporting.curl, asCurl],
  ['kelp query', t.exporting.cli, asCommand],
  ['Python', t.exporting.python, asPython],
  ['Power Query M', t.exporting.powerQuery, asPowerQuery],
] as const

/** The rows as a file, which the server makes and streams, or the query as a program's text. */
export function ExportMenu({ tab }: { readonly tab: Tab }) {
  const run = useRun()
  const { workspace } = tabStore()
  const hasRows = run.status === 'done' && run.tables.length > 0
  const rows = FORMATS.map(([format, label]): MenuAction => {
    const href = hasRows && run.id ? resultPath(run.id, run.shown, format) : ''
    return { id: format, label, isDisabled: !hasRows, onAction: () => download(href) }
  })
  const asked: AskedQuery = {
    endpoint: window.location.origin,
    workspace,
    query: run.query || tab.text,
    timespan: sentTimespan(tab.timespan, tab.text),
  }
  const programs = PROGRAMS.map(([name, label, write]): MenuAction => ({
    id: name,
    label,
    onAction: () => void copy(name, write(asked)),
  }))
  return (
    <Menu
      label={t.exporting.export}
      placement="bottom end"
      trigger={<Button icon={<Download aria-hidden />}>{t.exporting.export}</Button>}
      items={[
        { id: 'rows', label: t.exporting.rows, items: rows },
        { id: 'query', label: t.exporting.query, items: programs },
      ]}
    />
  )
}

/** A link of our own with a file behind it: the browser saves it while it comes. */
function download(href: string): void {
  const link = document.createElement('a')
  link.href = href
  link.download = ''
  document.body.append(link)
  link.click()
  link.remove()
}

async function copy(name: string, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast({ title: t.exporting.copied(name), tone: 'ok' })
  } catch {
    toast({ title: t.exporting.refused, tone: 'danger' })
  }
}
