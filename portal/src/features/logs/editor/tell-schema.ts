import { engineSchema, type NamedSchema } from './engine-schema'
import type { Metadata } from '../schema/metadata'
import { getKustoWorker, type monaco } from './monaco'
import { reopenSuggestions } from './suggest'

/** What the language service was told last under each name, and as which version. */
const told = new Map<string, { readonly metadata: Metadata | null; readonly version: number }>()
let newest = 0
/** All of that in one text: the same is not told twice. */
let toldAll = ''

function versionOf({ name, metadata }: NamedSchema): number {
  const before = told.get(name)
  // Of a workspace that one knew more of, that stays.
  if (before && (metadata === null || before.metadata === metadata)) return before.version
  newest += 1
  told.set(name, { metadata, version: newest })
  return newest
}

interface Telling {
  readonly editor: monaco.editor.IStandaloneCodeEditor
  readonly metadata: Metadata
  readonly others: readonly NamedSchema[]
}

let next: Telling | null = null
let isTelling = false

/**
 * Gets the language service the names of the query's scope and of the workspaces that its text names. Taking them in
 * keeps the service from its work for a while: of what comes meanwhile the newest is told alone.
 */
export async function tellSchema(telling: Telling): Promise<void> {
  next = telling
  if (isTelling) return
  isTelling = true
  try {
    while (next) {
      const now: Telling = next
      next = null
      // oxlint-disable-next-line no-await-in-loop -- one after the other is the purpose
      await tell(now)
    }
  } finally {
    isTelling = false
  }
}

/**
 * The first completion, which is slow, is asked for ahead; who is in the middle of a word by then gets what it can
 * become.
 */
async function tell({ editor, metadata, others }: Telling): Promise<void> {
  const model = editor.getModel()
  const schema = engineSchema(metadata, others, versionOf)
  const all = schema.cluster.databases.map(({ name, majorVersion }) => `${majorVersion} ${name}`).join('\n')
  if (!model || all === toldAll) return
  toldAll = all
  const access = await getKustoWorker()
  const worker = await access(model.uri)
  await worker.setSchema(schema)
  const service = worker as unknown as {
    doComplete?: (uri: string, at: { line: number; character: number }) => Promise<unknown>
  }
  await service.doComplete?.(model.uri.toString(), { line: 0, character: 0 })
  const position = editor.getPosition()
  const isWriting = editor.hasTextFocus() && editor.getModel() === model
  if (isWriting && position && isInName(model.getValueInRange(lineUntil(position)))) {
    reopenSuggestions(editor)
  }
}

function lineUntil({ lineNumber, column }: monaco.Position): monaco.IRange {
  return { startLineNumber: lineNumber, startColumn: 1, endLineNumber: lineNumber, endColumn: column }
}

/** Whether a name is being written, or a table of another workspace is to be named. */
function isInName(line: string): boolean {
  return /(?:\w|\)\s*\.)$/.test(line)
}
