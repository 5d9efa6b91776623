/** The graph of a table of edges: who is tied to whom, and an order from left to right where there is one. */

import type { GraphDescription, GraphNode } from './describe-other'
import { readText, type ChartTable, type FilledColumn } from './table'

const SOURCES = ['source', 'sourceid', 'src', 'from', 'sourcenode', 'parent', 'caller']
const TARGETS = ['target', 'targetid', 'dst', 'to', 'destination', 'targetnode', 'child', 'callee']
const MAXIMUM_LINKS = 2000

export function describeGraph(table: ChartTable): GraphDescription | null {
  const find = (names: readonly string[]) =>
    table.columns.find((column) => names.includes(column.name.toLowerCase().replaceAll('_', '')))
  const texts = table.columns.filter((column) => column.type === 'string' || column.type === 'guid')
  const source = find(SOURCES) ?? texts[0]
  const target = find(TARGETS) ?? texts.find((column) => column !== source)
  if (!source || !target) return null
  const label = table.columns.find((column) => column !== source && column !== target)
  const links = makeLinks(table, source, target, label)
  if (links.length === 0) return null
  const names = [...new Set(links.flatMap((link) => [link.source, link.target]))]
  const layers = findLayers(names, links)
  const filled = new Map<number, number>()
  const nodes: GraphNode[] = names.map((name) => {
    const layer = layers?.get(name) ?? null
    const place = filled.get(layer ?? 0) ?? 0
    filled.set(layer ?? 0, place + 1)
    const degree = links.filter((link) => link.source === name || link.target === name).length
    return { name, degree, layer, place }
  })
  return { draw: 'graph', nodes, links, isLayered: layers !== null }
}

function makeLinks(
  table: ChartTable,
  source: FilledColumn,
  target: FilledColumn,
  label: FilledColumn | undefined,
) {
  return Array.from({ length: Math.min(table.rowCount, MAXIMUM_LINKS) }, (_, row) => ({
    source: readText(source.values[row]),
    target: readText(target.values[row]),
    label: label ? readText(label.values[row]) : '',
  })).filter((link) => link.source !== '' && link.target !== '')
}

type Links = readonly { readonly source: string; readonly target: string }[]

/** The longest way to each node from one that nothing leads to; null where the graph has a cycle. */
function findLayers(names: readonly string[], links: Links): Map<string, number> | null {
  const waiting = new Map(names.map((name) => [name, links.filter((link) => link.target === name).length]))
  const layers = new Map(names.map((name) => [name, 0]))
  let ready = names.filter((name) => waiting.get(name) === 0)
  let placed = 0
  while (ready.length > 0) {
    const next: string[] = []
    for (const name of ready) {
      placed += 1
      for (const { target } of links.filter((link) => link.source === name)) {
        layers.set(target, Math.max(layers.get(target) ?? 0, (layers.get(name) ?? 0) + 1))
        waiting.set(target, (waiting.get(target) ?? 0) - 1)
        if (waiting.get(target) === 0) next.push(target)
      }
    }
    ready = next
  }
  return placed === names.length ? layers : null
}
