import type { Database, EngineSchema, Function as KustoFunction, InputParameter } from '@kusto/monaco-kusto'
import type { Metadata, MetadataFunction } from '../schema/metadata'

/** A workspace under the name that a query calls it by. */
export interface NamedSchema {
  readonly name: string
  /** Null where no more than the name is known. */
  readonly metadata: Metadata | null
}

/**
 * What the language service knows: the query's own scope as the database that it is in, and the workspaces that its
 * text names. The service keeps a database that it was told before unless the `version` for its name has grown.
 */
export function engineSchema(
  metadata: Metadata,
  others: readonly NamedSchema[] = [],
  version: (schema: NamedSchema) => number = () => 0,
): EngineSchema {
  const [first] = metadata.workspaces
  const own = { name: first?.name ?? 'workspace', metadata }
  const database = { ...databaseOf(own, version(own)), ...(first ? { alternateName: first.id } : {}) }
  const named = others.filter(({ name }) => name !== own.name && name !== first?.id)
  const databases = [database, ...named.map((other) => databaseOf(other, version(other)))]
  return { clusterType: 'Engine', cluster: { connectionString: 'kelp', databases }, database }
}

function databaseOf({ name, metadata }: NamedSchema, version: number): Database {
  return {
    name,
    majorVersion: version,
    minorVersion: 0,
    tables: (metadata?.tables ?? []).map((table) => ({
      name: table.name,
      docstring: table.description ?? '',
      columns: table.columns.map((column) => ({
        name: column.name,
        type: column.type,
        docstring: column.description ?? '',
      })),
    })),
    functions: (metadata?.functions ?? []).map(describeFunction),
    entityGroups: [],
  }
}

function describeFunction(found: MetadataFunction): KustoFunction {
  return {
    name: found.name,
    body: found.body,
    docstring: found.description ?? found.displayName ?? '',
    inputParameters: parseParameters(found.parameters ?? ''),
  }
}

/** The parameters of a function as it declares them: `a:string, b:long = 5, T:(x:int, y:*)`. */
export function parseParameters(text: string): InputParameter[] {
  return splitOutside(text, ',').flatMap((part) => {
    const [declared, ...value] = splitOutside(part, '=')
    const [name, ...type] = (declared ?? '').split(':')
    if (!name?.trim()) return []
    return [parameterOf(name.trim(), type.join(':').trim(), value.join('=').trim())]
  })
}

function parameterOf(name: string, type: string, value: string): InputParameter {
  if (type.startsWith('(')) {
    const columns = parseParameters(type.slice(1, -1)).filter((column) => column.name !== '*')
    return { name, columns }
  }
  return { name, cslType: type, type: clrTypeOf(type), ...(value === '' ? {} : { cslDefaultValue: value }) }
}

/** Parts of a text between separators that are neither in brackets nor in quotes. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = ['']
  let depth = 0
  let quote = ''
  for (const sign of text) {
    if (quote !== '') quote = sign === quote ? '' : quote
    else if (sign === "'" || sign === '"') quote = sign
    else if (sign === '(' || sign === '[') depth += 1
    else if (sign === ')' || sign === ']') depth -= 1
    if (sign === separator && depth === 0 && quote === '') parts.push('')
    else parts[parts.length - 1] += sign
  }
  return parts
}

const CLR_TYPES: Readonly<Record<string, string>> = {
  bool: 'System.SByte',
  datetime: 'System.DateTime',
  decimal: 'System.Data.SqlTypes.SqlDecimal',
  dynamic: 'System.Object',
  guid: 'System.Guid',
  int: 'System.Int32',
  long: 'System.Int64',
  real: 'System.Double',
  string: 'System.String',
  timespan: 'System.TimeSpan',
}

function clrTypeOf(type: string): string {
  return CLR_TYPES[type] ?? 'System.String'
}
