/**
 * The different values of a column, each with a number. Sorting, filtering, grouping and counting all look at each value
 * once, and at the rows only by their value's number.
 */
import { NumberColumn, TextColumn, type Column } from './columns'
import { parseDecimal } from './decimals'

/** The number of null. */
export const NULL = -1

export interface Distinct {
  /** The number of each row's value. */
  readonly codes: Int32Array
  /** By number: a row that holds the value, and how many do. */
  readonly samples: readonly number[]
  readonly counts: readonly number[]
  readonly nulls: number
}

const kept = new WeakMap<Column, Distinct>()

/** The column's values by now; kept until more rows come. */
export function distinctOf(column: Column): Distinct {
  const known = kept.get(column)
  if (known && known.codes.length === column.length) return known
  const found = column instanceof TextColumn ? distinctTexts(column) : distinctNumbers(column)
  kept.set(column, found)
  return found
}

function distinctNumbers(column: Exclude<Column, TextColumn>): Distinct {
  const codes = new Int32Array(column.length)
  const samples: number[] = []
  const counts: number[] = []
  const numbers = new Map<number | bigint, number>()
  for (let row = 0; row < codes.length; row += 1) {
    if (column.isNull(row)) {
      codes[row] = NULL
      continue
    }
    const value = small(column.at(row))
    let code = numbers.get(value)
    if (code === undefined) {
      code = samples.length
      numbers.set(value, code)
      samples.push(row)
      counts.push(0)
    }
    codes[row] = code
    counts[code]! += 1
  }
  return { codes, samples, counts, nulls: column.nullCount }
}

/** A long as a number where it is one: a map finds those faster. */
function small(value: number | bigint): number | bigint {
  if (typeof value === 'number') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function distinctTexts(column: TextColumn): Distinct {
  const codes = new Int32Array(column.length)
  const samples: number[] = []
  const counts: number[] = []
  const places = new Places(column)
  for (let row = 0; row < codes.length; row += 1) {
    if (column.isNull(row)) {
      codes[row] = NULL
      continue
    }
    const code = places.codeOf(row, samples)
    if (code === counts.length) counts.push(0)
    codes[row] = code
    counts[code]! += 1
  }
  return { codes, samples, counts, nulls: column.nullCount }
}

/** A table of hashes over the texts' bytes. */
class Places {
  private table = new Int32Array(1024).fill(-1)
  private hashes: number[] = []

  constructor(private readonly column: TextColumn) {}

  /** The number of the row's text; a new one, with the row as its sample, where nothing before it is the same. */
  codeOf(row: number, samples: number[]): number {
    const { column } = this
    const hash = hashOf(column.raw, column.start(row), column.end(row))
    let place = hash & (this.table.length - 1)
    for (;;) {
      const code = this.table[place]!
      if (code === -1) break
      if (this.hashes[code] === hash && compareTexts(column, row, samples[code]!) === 0) return code
      place = (place + 1) & (this.table.length - 1)
    }
    const code = samples.push(row) - 1
    this.hashes.push(hash)
    this.table[place] = code
    if (samples.length * 2 > this.table.length) this.grow()
    return code
  }

  private grow(): void {
    this.table = new Int32Array(this.table.length * 2).fill(-1)
    for (const [code, hash] of this.hashes.entries()) {
      let place = hash & (this.table.length - 1)
      while (this.table[place] !== -1) place = (place + 1) & (this.table.length - 1)
      this.table[place] = code
    }
  }
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let place = start; place < end; place += 1) hash = Math.imul(hash ^ bytes[place]!, 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}

/** Order of the texts' bytes, which is that of their characters' numbers, and KQL's. */
function compareTexts(column: TextColumn, left: number, right: number): number {
  const bytes = column.raw
  let a = column.start(left)
  let b = column.start(right)
  const most = Math.min(column.end(left) - a, column.end(right) - b)
  for (let count = 0; count < most; count += 1, a += 1, b += 1) {
    if (bytes[a] !== bytes[b]) return bytes[a]! - bytes[b]!
  }
  return column.size(left) - column.size(right)
}

/** By number of a value: its place in ascending order. Null comes before them all, NaN before the other reals. */
export function ranksOf(column: Column): Int32Array {
  const { samples } = distinctOf(column)
  const order = Uint32Array.from(samples.keys())
  const compare = comparison(column, samples)
  order.sort(compare)
  const ranks = new Int32Array(samples.length)
  for (const [rank, code] of order.entries()) ranks[code] = rank
  return ranks
}

function comparison(column: Column, samples: readonly number[]): (left: number, right: number) => number {
  if (column instanceof NumberColumn || (column instanceof TextColumn && column.type === 'dynamic')) {
    const keys = samples.map((row) =>
      column instanceof TextColumn ? jsonNumber(column, row) : column.at(row),
    )
    return (left, right) =>
      compareNumbers(keys[left]!, keys[right]!) ||
      (column instanceof TextColumn ? compareTexts(column, samples[left]!, samples[right]!) : 0)
  }
  if (column instanceof TextColumn && column.type !== 'decimal') {
    return (left, right) => compareTexts(column, samples[left]!, samples[right]!)
  }
  const keys = samples.map((row) => longOf(column, row))
  if (keys.every((key) => Number.isSafeInteger(Number(key)))) {
    const numbers = Float64Array.from(keys, Number)
    return (left, right) => numbers[left]! - numbers[right]!
  }
  return (left, right) => (keys[left]! < keys[right]! ? -1 : keys[left]! > keys[right]! ? 1 : 0)
}

function longOf(column: Column, row: number): bigint {
  if (column instanceof TextColumn) return parseDecimal(column.at(row)) ?? 0n
  return BigInt(column.at(row))
}

function jsonNumber(column: TextColumn, row: number): number {
  return column.size(row) > 40 ? NaN : Number.parseFloat(column.at(row))
}

function compareNumbers(left: number, right: number): number {
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : -1
  return Number.isNaN(right) ? 1 : left - right
}
