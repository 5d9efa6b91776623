import type { Timespan } from '@/lib/time'

/** What a program needs to ask the same. */
export interface AskedQuery {
  readonly endpoint: string
  readonly workspace: string
  readonly query: string
  readonly timespan: Timespan | null
}

/** A command for a POSIX shell: the token is its environment's, the body is quoted whole. */
export function asCurl({ endpoint, workspace, query, timespan }: AskedQuery): string {
  const body = JSON.stringify(timespan ? { query, timespan } : { query })
  return [
    `curl ${shellQuote(`${endpoint}/v1/workspaces/${workspace}/query`)} \\`,
    `  -H "Authorization: Bearer $KELP_TOKEN" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  --data-raw ${shellQuote(body)}`,
  ].join('\n')
}

/** The command takes no range beside the query: where there is one, a comment says so. */
export function asCommand({ endpoint, workspace, query, timespan }: AskedQuery): string {
  const note = timespan
    ? `# Over ${timespan} in the portal: filter TimeGenerated in the query for the same.\n`
    : ''
  return `${note}kelp query --endpoint ${shellQuote(endpoint)} --workspace ${workspace} ${shellQuote(query)}`
}

export function asPython({ endpoint, workspace, query, timespan }: AskedQuery): string {
  return [
    'from azure.identity import DefaultAzureCredential',
    'from azure.monitor.query import LogsQueryClient',
    ...(timespan ? rangeImports(timespan) : []),
    '',
    `client = LogsQueryClient(DefaultAzureCredential(), endpoint=${pythonText(`${endpoint}/v1`)})`,
    `query = ${pythonText(query)}`,
    `answer = client.query_workspace(${pythonText(workspace)}, query, timespan=${pythonRange(timespan)})`,
    'for table in answer.tables:',
    '    for row in table.rows:',
    '        print(dict(zip(table.columns, row)))',
    '',
  ].join('\n')
}

export function asPowerQuery({ endpoint, workspace, query, timespan }: AskedQuery): string {
  const range = timespan ? `, timespan = ${powerText(timespan)}` : ''
  return [
    'let',
    `    Answer = Json.Document(Web.Contents(${powerText(`${endpoint}/v1/workspaces/${workspace}/query`)}, [`,
    '        Headers = [#"Content-Type" = "application/json"],',
    `        Content = Json.FromValue([query = ${powerText(query)}${range}])`,
    '    ])),',
    '    Primary = Answer[tables]{0},',
    '    Rows = Table.FromRows(Primary[rows], List.Transform(Primary[columns], each [name]))',
    'in',
    '    Rows',
    '',
  ].join('\n')
}

/** A text as one word of a POSIX shell. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** JSON's texts are Python's too, once what only JSON writes is the same: they share all escapes that are used. */
export function pythonText(text: string): string {
  if (!text.includes('\n') || text.includes('"""') || text.endsWith('"')) return JSON.stringify(text)
  return `"""${text.replaceAll('\\', '\\\\')}"""`
}

function powerText(text: string): string {
  return `"${text.replaceAll('"', '""').replaceAll('#(', '#(#)(').replaceAll('\n', '#(lf)').replaceAll('\t', '#(tab)')}"`
}

function rangeImports(timespan: Timespan): string[] {
  return [`from datetime import ${timespan.includes('/') ? 'datetime' : 'timedelta'}`]
}

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/

function pythonRange(timespan: Timespan | null): string {
  if (!timespan) return 'None'
  if (timespan.includes('/')) {
    const instants = timespan
      .split('/')
      .map((at) => `datetime.fromisoformat(${pythonText(at.replace('Z', '+00:00'))})`)
    return `(${instants.join(', ')})`
  }
  const parts = DURATION.exec(timespan)?.slice(1) ?? []
  const names = ['days', 'hours', 'minutes', 'seconds']
  const given = parts.flatMap((part, index) => (part ? [`${names[index]}=${part}`] : []))
  return `timedelta(${given.join(', ')})`
}
