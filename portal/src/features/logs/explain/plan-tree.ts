import type { ExplainedResult } from './api'

/** A node of a plan: what it does, with what, and what it reads from. */
export interface PlanNode {
  readonly name: string
  readonly details: string
  /** The stored table that it reads; empty for none. */
  readonly table: string
  readonly inputs: readonly PlanNode[]
}

/** The plan that the server tells as indented lines, as a tree. Lines that are no deeper than the first are roots too. */
export function readPlan(text: string): PlanNode[] {
  const roots: Growing[] = []
  const path: { depth: number; node: Growing }[] = []
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const depth = line.length - line.trimStart().length
    const node = readNode(line.trim())
    while (path.length > 0 && path.at(-1)!.depth >= depth) path.pop()
    const parent = path.at(-1)
    ;(parent ? parent.node.inputs : roots).push(node)
    path.push({ depth, node })
  }
  return roots
}

interface Growing extends PlanNode {
  readonly inputs: Growing[]
}

function readNode(line: string): Growing {
  const [name = '', ...rest] = line.split(' ')
  const details = rest.join(' ')
  const table = name === 'ScopedScan' ? (/\btable=(\S+)/.exec(details)?.[1] ?? '') : ''
  return { name, details, table, inputs: [] }
}

/** Of a table's blocks those that are read after the index was asked. */
export interface IndexUse {
  readonly read: number
  readonly all: number
}

/** How much of each table the index leaves to be read, as the engine's plan says; by the table's name. */
export function indexUse({ statements }: Pick<ExplainedResult, 'statements'>): ReadonlyMap<string, IndexUse> {
  const uses = new Map<string, IndexUse>()
  for (const { enginePlan } of statements) {
    let table = ''
    for (const line of enginePlan) {
      const named = /ReadFrom\w*\s*\((?:[^)]*\.)?([^.)]+)\)/.exec(line)
      if (named) table = named[1]!
      const granules = /Granules:\s*(\d+)\/(\d+)/.exec(line)
      if (!table || !granules) continue
      // One index after the other: the first says how many there are, the last how many are left.
      const all = uses.get(table)?.all ?? Number(granules[2])
      uses.set(table, { read: Number(granules[1]), all })
    }
  }
  return uses
}
