import { engineSchema, type NamedSchema } from './engine-schema'
import type { Metadata } from '../schema/metadata'
import { getKustoWorker, type monaco } from './monaco'

/** What the language service was told last under each name, and as which version. */
const told = new Map<string, { readonly metadata: Metadata | null; readonly version: number }>()
let newest = 0

function versionOf({ name, metadata }: NamedSchema): number {
  const before = told.get(name)
  if (before?.metadata === metadata) return before.version
  newest += 1
  told.set(name, { metadata, version: newest })
  return newest
}

/**
 * Gives the language service the names of the query's scope and of the workspaces that its text names. The first
 * completion, which is slow, is asked for ahead; who is in the middle of a word by then gets what it can become.
 */
export async function tellSchema(
  editor: monaco.editor.IStandaloneCodeEditor,
  metadata: Metadata,
  others: readonly NamedSchema[],
): Promise<void> {
  const model = editor.getModel()
  if (!model) return
  const access = await getKustoWorker()
  const worker = await access(model.uri)
  await worker.setSchema(engineSchema(metadata, others, versionOf))
  const service = worker as unknown as {
    doComplete?: (uri: string, at: { line: number; character: number }) => Promise<unknown>
  }
  await service.doComplete?.(model.uri.toString(), { line: 0, character: 0 })
  const position = editor.getPosition()
  const isWriting = editor.hasTextFocus() && editor.getModel() === model
  if (isWriting && position && isInName(model.getValueInRange(lineUntil(position)))) {
    editor.trigger('schema', 'editor.action.triggerSuggest', {})
  }
}

function lineUntil({ lineNumber, column }: monaco.Position): monaco.IRange {
  return { startLineNumber: lineNumber, startColumn: 1, endLineNumber: lineNumber, endColumn: column }
}

/** Whether a name is being written, or a table of another workspace is to be named. */
function isInName(line: string): boolean {
  return /(?:\w|\)\s*\.)$/.test(line)
}
