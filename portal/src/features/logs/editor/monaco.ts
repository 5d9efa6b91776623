/** The editor's engine. Nothing outside this folder imports Monaco. */
// oxlint-disable-next-line import/no-unassigned-import -- Monaco's parts announce themselves when they are loaded
import './contributions'
import { kustoDefaults } from '@kusto/monaco-kusto'
import * as monaco from 'monaco-editor/esm/vs/editor/editor.api.js'

export const LANGUAGE = 'kusto'

self.MonacoEnvironment = {
  getWorker: (_: string, label: string) =>
    label === LANGUAGE
      ? new Worker(new URL('./kusto.worker.ts', import.meta.url), { type: 'module', name: label })
      : new Worker(new URL('./editor.worker.ts', import.meta.url), { type: 'module', name: label }),
}

kustoDefaults.setLanguageSettings({
  ...kustoDefaults.languageSettings,
  includeControlCommands: false,
  // Colours of the words at once, in the page; the service's own come over them when it has looked.
  useTokenColorization: true,
  useSemanticColorization: true,
  newlineAfterPipe: false,
  formatter: { indentationSize: 4, pipeOperatorStyle: 'Smart' },
  enableQueryWarnings: false,
  enableQuerySuggestions: false,
})

export { kustoDefaults, monaco }
export { getKustoWorker } from '@kusto/monaco-kusto'
