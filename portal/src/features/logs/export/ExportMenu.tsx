import { Download } from 'lucide-react'
import { ApiError, request } from '@/api/client'
import { t } from '@/i18n/en/logs'
import { t as words } from '@/i18n/en/results'
import { Button } from '@/ui/Button'
import { Menu, type MenuAction } from '@/ui/Menu'
import { toast } from '@/ui/toast'
import { currentEditor } from '../editor/handle'
import { resultPath, type RunState } from '../run/state'
import { sentTimespan, statementAt } from '../run/statement'
import { useRun } from '../run/store'
import { workspacesOf } from '../tabs/store'
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
  const hasRows = run.status === 'done' && run.tables.length > 0
  const rows = FORMATS.map(([format, label]): MenuAction => {
    const href = hasRows && run.id ? resultPath(run.id, run.shown, format) : ''
    return { id: format, label, isDisabled: !hasRows, onAction: () => download(href) }
  })
  const copyAs = (name: string, write: (asked: AskedQuery) => string | Promise<string>) => () =>
    void copy(name, async () => write(await askedOf(run, tab)))
  const programs: MenuAction[] = [
    ...PROGRAMS.map(([name, label, write]) => ({ id: name, label, onAction: copyAs(name, write) })),
    { id: 'kql', label: words.asParameters, onAction: copyAs(words.parametrised, asParameters) },
  ]
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

/** What was run last; before the first run the statement at the cursor. */
async function askedOf(run: RunState, tab: Tab): Promise<AskedQuery> {
  const endpoint = window.location.origin
  if (run.query !== '') {
    const { query, workspaces, timespan } = run
    return { endpoint, workspaces, query, timespan }
  }
  const { start } = currentEditor()?.getSelection() ?? { start: 0 }
  const query = (await statementAt(tab.text, { start, end: start }))?.query ?? tab.text
  return { endpoint, workspaces: workspacesOf(tab), query, timespan: sentTimespan(tab.timespan, query) }
}

/** The query with its constants, and where that can be its range, as declared parameters. */
async function asParameters({ workspaces, query, timespan }: AskedQuery): Promise<string> {
  const body = { workspaces, query, timespan: timespan ?? undefined }
  const path = '/portal/api/kql/parameters'
  const written = await request<{ query: string; hasRange: boolean }>('POST', path, { body })
  const isRangeLost = timespan !== null && !written.hasRange
  return isRangeLost ? `${words.rangeBeside(timespan)}\n${written.query}` : written.query
}

async function copy(name: string, write: () => Promise<string>): Promise<void> {
  try {
    await navigator.clipboard.writeText(await write())
    toast({ title: t.exporting.copied(name), tone: 'ok' })
  } catch (failure) {
    const isRefused = failure instanceof ApiError
    toast({ title: isRefused ? failure.message : t.exporting.refused, tone: 'danger' })
  }
}
