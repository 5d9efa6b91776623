import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Plugin, Rolldown } from 'vite'

/** Kibibytes, compressed, that may be loaded: at first on any page but Logs, and then for Logs, a chart, a result. */
const LIMITS = {
  'first load': 220,
  'Logs, beyond the first load': 660,
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
  const begun = closure(bundle, start)
  const pages = chunks.filter(({ facadeModuleId }) =>
    /\/features\/[^/]+\/[\w-]*route\.tsx$/.test(facadeModuleId ?? ''),
  )
  const logs = pages.find(({ facadeModuleId }) => facadeModuleId?.includes('/features/logs/'))
  const charts = chunks.filter(({ moduleIds }) =>
    moduleIds.some((id) => id.includes('/node_modules/echarts/')),
  )
  const later = new Set(charts.map(({ fileName }) => fileName))
  const ofLogs = closure(bundle, [logs], new Set([...begun, ...later]))
  const workers = (part: string) => Object.keys(bundle).filter((name) => name.includes(part))
  return new Map<Group, readonly Files[]>([
    ['first load', pages.filter((page) => page !== logs).map((page) => closure(bundle, [...start, page]))],
    ['Logs, beyond the first load', [without(ofLogs, begun)]],
    ['the largest worker of the editor', workers('kusto.worker').map((name) => new Set([name]))],
    ['the first chart, beyond Logs', charts.map((chunk) => without(closure(bundle, [chunk]), ofLogs, begun))],
    ['the worker of results', workers('result.worker').map((name) => new Set([name]))],
  ])
}

function without(files: Files, ...others: readonly Files[]): Files {
  return new Set([...files].filter((file) => !others.some((other) => other.has(file))))
}

/**
 * The files that come with some chunks: what they import, and its styles. With `except` also what they, and their
 * imports that are not among those, import on demand, but for those.
 */
function closure(bundle: Bundle, from: readonly (Rolldown.OutputChunk | undefined)[], except?: Files): Files {
  const files = new Set<string>()
  const open = from.filter((chunk) => chunk !== undefined)
  for (let chunk = open.pop(); chunk; chunk = open.pop()) {
    if (files.has(chunk.fileName)) continue
    files.add(chunk.fileName)
    for (const style of chunk.viteMetadata?.importedCss ?? []) files.add(style)
    const isOpen = except !== undefined && !except.has(chunk.fileName)
    const onDemand = isOpen ? chunk.dynamicImports.filter((name) => !except.has(name)) : []
    for (const name of [...chunk.imports, ...onDemand]) {
      const next = bundle[name]
      if (next?.type === 'chunk') open.push(next)
    }
  }
  return files
}
