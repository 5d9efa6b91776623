import type { Timespan } from '@/lib/time'

/** What a program needs to ask the same. */
export interface AskedQuery {
  readonly endpoint: string
  /** The first is the one that the query is about. */
  readonly workspaces: readonly string[]
  readonly query: string
  readonly timespan: Timespan | null
}

/** A command for a POSIX shell: the token is its environment's, the body is quoted whole. */
export function asCurl(asked: AskedQuery): string {
  return [
    `curl ${shellQuote(addressOf(asked))} \\`,
    `  -H "Authorization: Bearer $KELP_TOKEN" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  --data-raw ${shellQuote(JSON.stringify(bodyOf(asked)))}`,
  ].join('\n')
}

/** The command asks one workspace: of several the first, and the text names the others. */
export function asCommand({ endpoint, workspaces, query, timespan }: AskedQuery): string {
  const [workspace = '', ...more] = workspaces
  const range = timespan ? ` --timespan ${shellQuote(timespan)}` : ''
  const note = more.length > 0 ? `# The portal asked these too: ${more.join(', ')}.\n` : ''
  return `${note}kelp query --endpoint ${shellQuote(endpoint)} --workspace ${workspace}${range} ${shellQuote(query)}`
}

/** Signs in with AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, at Kelp and not at Microsoft's directory. */
export function asPython({ endpoint, workspaces, query, timespan }: AskedQuery): string {
  const [workspace = '', ...more] = workspaces
  return [
    ...(timespan ? rangeImports(timespan) : []),
    'from azure.identity import EnvironmentCredential',
    'from azure.monitor.query import LogsQueryClient, LogsQueryStatus',
    '',
    `endpoint = ${pythonText(endpoint)}`,
    'credential = EnvironmentCredential(authority=endpoint, disable_instance_discovery=True)',
    'client = LogsQueryClient(credential, endpoint=endpoint)',
    `query = ${pythonText(query)}`,
    'answer = client.query_workspace(',
    `    ${pythonText(workspace)},`,
    '    query,',
    `    timespan=${pythonRange(timespan)},`,
    ...(more.length > 0 ? [`    additional_workspaces=[${more.map(pythonText).join(', ')}],`] : []),
    ')',
    'tables = answer.tables if answer.status == LogsQueryStatus.SUCCESS else answer.partial_data',
    'for table in tables:',
    '    for row in table.rows:',
    '        print(dict(zip(table.columns, row)))',
    '',
  ].join('\n')
}

export function asPowerQuery(asked: AskedQuery): string {
  const fields = Object.entries(bodyOf(asked)).map(([name, value]) => `${name} = ${powerValue(value)}`)
  return [
    'let',
    `    Answer = Json.Document(Web.Contents(${powerText(addressOf(asked))}, [`,
    '        Headers = [#"Content-Type" = "application/json"],',
    `        Content = Json.FromValue([${fields.join(', ')}])`,
    '    ])),',
    '    Primary = Answer[tables]{0},',
    '    Rows = Table.FromRows(Primary[rows], List.Transform(Primary[columns], each [name]))',
    'in',
    '    Rows',
    '',
  ].join('\n')
}

function addressOf({ endpoint, workspaces }: AskedQuery): string {
  return `${endpoint}/v1/workspaces/${workspaces[0] ?? ''}/query`
}

/** The body of the query API; other workspaces than the address's are named in it. */
function bodyOf({ workspaces, query, timespan }: AskedQuery): Record<string, string | readonly string[]> {
  const more = workspaces.slice(1)
  return { query, ...(timespan ? { timespan } : {}), ...(more.length > 0 ? { workspaces: more } : {}) }
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

function powerValue(value: string | readonly string[]): string {
  return typeof value === 'string' ? powerText(value) : `{${value.map(powerText).join(', ')}}`
}

function powerText(text: string): string {
  return `"${text.replaceAll('"', '""').replaceAll('#(', '#(#)(').replaceAll('\n', '#(lf)').replaceAll('\t', '#(tab)')}"`
}

function rangeImports(timespan: Timespan): string[] {
  return [`from datetime import ${timespan.includes('/') ? 'datetime' : 'timedelta'}`, '']
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
