/** A column that a record needs. */
export interface RecordColumn {
  readonly name: string
  readonly type: string
}

const TIME: RecordColumn = { name: 'TimeGenerated', type: 'datetime' }
const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * The columns that records like these need, in the order in which they appear. Raises `SyntaxError` for a text that is
 * no JSON, `TypeError` for one that holds no record.
 */
export function columnsOf(sample: string): readonly RecordColumn[] {
  const document: unknown = JSON.parse(sample)
  const records: readonly unknown[] = Array.isArray(document) ? document : [document]
  const types = new Map<string, string>()
  for (const record of records) {
    if (typeof record !== 'object' || record === null || Array.isArray(record))
      throw new TypeError('no record')
    for (const [name, value] of Object.entries(record)) {
      if (value === null) continue
      types.set(name, widest(types.get(name), typeOf(value)))
    }
  }
  types.delete(TIME.name)
  return [TIME, ...[...types].map(([name, type]) => ({ name, type }))]
}

function typeOf(value: unknown): string {
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'number':
      return Number.isInteger(value) ? (Math.abs(value) < 2 ** 31 ? 'int' : 'long') : 'real'
    case 'string':
      return INSTANT.test(value) ? 'datetime' : GUID.test(value) ? 'guid' : 'string'
    default:
      return 'dynamic'
  }
}

const NUMBERS = ['int', 'long', 'real']

/** A type that holds values of both. */
function widest(one: string | undefined, other: string): string {
  if (one === undefined || one === other) return other
  if (NUMBERS.includes(one) && NUMBERS.includes(other)) {
    return NUMBERS[Math.max(NUMBERS.indexOf(one), NUMBERS.indexOf(other))] ?? 'real'
  }
  return one === 'dynamic' || other === 'dynamic' ? 'dynamic' : 'string'
}
