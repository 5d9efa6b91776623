import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin, Rolldown } from 'vite'

/** Kibibytes, compressed, that may be loaded: at first on any page but Logs, and then for Logs, a chart, a result. */
const LIMITS = {
  'first load': 220,
  'Logs without its editor': 320,
  'the editor': 660,
  'the largest worker of the editor': 960,
  'the first chart, beyond Logs': 215,
  'the worker of results': 45,
} as const

type Group = keyof typeof LIMITS
type Files = ReadonlySet<string>
type Bundle = Rolldown.OutputBundle

/** Fails the build where people would have to load more than they were promised. Runs after the files are compressed. */
export function budget(): Plugin {
  let folder = ''
  let groups: ReadonlyMap<Group, readonly Files[]> = new Map()
  return {
    name: 'kelp-budget',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    generateBundle(_, bundle) {
      groups = findGroups(bundle)
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        const faults = await findFaults(folder, groups)
        if (faults.length > 0) this.error(`Too much to load:\n${faults.join('\n')}`)
      },
    },
  }
}

async function findFaults(folder: string, groups: ReadonlyMap<Group, readonly Files[]>): Promise<string[]> {
  const found = await Promise.all(
    [...groups].map(async ([group, alternatives]) => {
      const sizes = await Promise.all(alternatives.map((files) => sizeOf(folder, files)))
      const worst = Math.max(0, ...sizes)
      const files = [...(alternatives[sizes.indexOf(worst)] ?? [])]
      return worst > LIMITS[group]
        ? `${group}: ${worst.toFixed(1)} KiB, at most ${LIMITS[group]} (${files.join(', ')})`
        : null
    }),
  )
  return found.filter((fault) => fault !== null)
}

async function sizeOf(folder: string, files: Files): Promise<number> {
  const sizes = await Promise.all(
    [...files].map(async (file) => (await stat(join(folder, `${file}.br`))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0) / 1024
}

/** For each group the sets of files of which each must stay within its limit. */
function findGroups(bundle: Bundle): ReadonlyMap<Group, readonly Files[]> {
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
  const chunkOf = (part: string) => chunks.find(({ facadeModuleId }) => facadeModuleId?.includes(part))
  const start = [chunks.find(({ isEntry }) => isEntry), chunkOf('/app/shell/Shell.tsx')]
  const pages = chunks.filter(({ facadeModuleId }) =>
    /\/features\/[^/]+\/[\w-]*route\.tsx$/.test(facadeModuleId ?? ''),
  )
  const logs = pages.find(({ facadeModuleId }) => facadeModuleId?.includes('/features/logs/'))
  const holding = (part: string) =>
    chunks.filter(({ moduleIds }) => moduleIds.some((id) => id.includes(part)))
  const charts = holding('/node_modules/echarts/')
  const names = (part: string) => Object.keys(bundle).filter((name) => name.includes(part))
  const ofLogs = closure(bundle, [...start, logs])
  const editor = new Set([...closure(bundle, holding('/node_modules/monaco-editor/')), ...names('codicon')])
  return new Map<Group, readonly Files[]>([
    ['first load', pages.filter((page) => page !== logs).map((page) => closure(bundle, [...start, page]))],
    ['Logs without its editor', [ofLogs]],
    ['the editor', [without(editor, ofLogs)]],
    ['the largest worker of the editor', names('kusto.worker').map((name) => new Set([name]))],
    ['the first chart, beyond Logs', charts.map((chunk) => without(closure(bundle, [chunk]), ofLogs))],
    ['the worker of results', names('result.worker').map((name) => new Set([name]))],
  ])
}

function without(files: Files, ...others: readonly Files[]): Files {
  return new Set([...files].filter((file) => !others.some((other) => other.has(file))))
}

/** The files that come with some chunks: what they import, and its styles. */
function closure(bundle: Bundle, from: readonly (Rolldown.OutputChunk | undefined)[]): Files {
  const files = new Set<string>()
  const open = from.filter((chunk) => chunk !== undefined)
  for (let chunk = open.pop(); chunk; chunk = open.pop()) {
    if (files.has(chunk.fileName)) continue
    files.add(chunk.fileName)
    for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style)
    for (const name of chunk.imports) {
      const next = bundle[name]
      if (next?.type === 'chunk') open.push(next)
    }
  }
  return files
}
