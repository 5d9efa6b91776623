/** Checks a document against a JSON Schema: the part of the standard that ours uses. All faults at once. */

export interface Fault {
  /** Where: `items[2].query`. */
  readonly target: string
  readonly message: string
}

type Schema = Readonly<Record<string, unknown>>

export function checkDocument(document: unknown, schema: Schema): Fault[] {
  return check(document, schema, '', schema)
}

function check(value: unknown, rule: Schema, target: string, root: Schema): Fault[] {
  const reference = rule['$ref']
  if (typeof reference === 'string') return check(value, resolve(root, reference), target, root)
  const wrong = checkKind(value, rule)
  if (wrong) return [{ target, message: wrong }]
  const faults: Fault[] = []
  if (typeof value === 'string') faults.push(...checkText(value, rule, target))
  if (typeof value === 'number') faults.push(...checkNumber(value, rule, target))
  if (Array.isArray(value)) faults.push(...checkList(value, rule, target, root))
  else if (isObject(value)) faults.push(...checkMembers(value, rule, target, root))
  return faults
}

function checkKind(value: unknown, rule: Schema): string | null {
  if ('const' in rule && value !== rule['const']) return `It must be ${JSON.stringify(rule['const'])}.`
  const choices = rule['enum'] as unknown[] | undefined
  if (choices && !choices.includes(value)) return `It must be one of ${choices.join(', ')}.`
  const type = rule['type']
  if (typeof type !== 'string') return null
  const kind = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
  const fits = type === 'integer' ? Number.isInteger(value) : kind === type
  return fits ? null : `It must be of type ${type}, not ${kind}.`
}

function checkText(value: string, rule: Schema, target: string): Fault[] {
  const {
    minLength = 0,
    maxLength = Infinity,
    pattern,
  } = rule as Record<string, number> & { pattern?: string }
  if (value.length < minLength) return [{ target, message: 'It must not be empty.' }]
  if (value.length > maxLength) return [{ target, message: `It is longer than ${maxLength} characters.` }]
  const fits = pattern === undefined || new RegExp(pattern, 'u').test(value)
  return fits ? [] : [{ target, message: `${JSON.stringify(value)} does not have the form ${pattern}.` }]
}

function checkNumber(value: number, rule: Schema, target: string): Fault[] {
  const { minimum = -Infinity, maximum = Infinity } = rule as Record<string, number>
  if (value >= minimum && value <= maximum) return []
  return [{ target, message: `It must be from ${minimum} to ${maximum}.` }]
}

function checkList(value: readonly unknown[], rule: Schema, target: string, root: Schema): Fault[] {
  const { minItems = 0, maxItems = Infinity } = rule as Record<string, number>
  if (value.length < minItems) return [{ target, message: `It must have at least ${minItems}.` }]
  if (value.length > maxItems) return [{ target, message: `It has more than ${maxItems}.` }]
  const each = rule['items'] as Schema | undefined
  return each ? value.flatMap((item, index) => check(item, each, `${target}[${index}]`, root)) : []
}

function checkMembers(value: Schema, rule: Schema, target: string, root: Schema): Fault[] {
  const within = (name: string) => (target === '' ? name : `${target}.${name}`)
  const required = (rule['required'] ?? []) as string[]
  const faults = required
    .filter((name) => !(name in value))
    .map((name) => ({ target: within(name), message: 'It is missing.' }))
  for (const [name, member] of Object.entries((rule['properties'] ?? {}) as Record<string, Schema>)) {
    if (name in value) faults.push(...check(value[name], member, within(name), root))
  }
  for (const part of (rule['allOf'] ?? []) as { if: Schema; then: Schema }[]) {
    if (check(value, part.if, target, root).length === 0)
      faults.push(...check(value, part.then, target, root))
  }
  return faults
}

function resolve(root: Schema, reference: string): Schema {
  const parts = reference.replace(/^#\//, '').split('/')
  return parts.reduce<Schema>((found, name) => found[name] as Schema, root)
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null
}
