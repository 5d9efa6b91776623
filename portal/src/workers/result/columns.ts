/**
 * The columns of a result: numbers in typed arrays, texts as one run of UTF-8 bytes, read cell by cell. A column of
 * 100,000 texts thus makes no 100,000 strings, and a long keeps all its digits.
 */
import { Type, type Data } from 'apache-arrow'
import { Growable, type Numbers } from './growable'
import { parseMoment, parseTimespan } from './moments'
import type { ColumnType } from './protocol'

const decoder = new TextDecoder()
const encoder = new TextEncoder()

/** Which rows are null; holds nothing until one is. */
class Nulls {
  private flags: Growable<Uint8Array> | null = null
  count = 0

  append(start: number, count: number, isNull: (index: number) => boolean): void {
    this.flags ??= new Growable(Uint8Array)
    if (this.flags.length < start) this.flags.reserve(start - this.flags.length)
    const first = this.flags.reserve(count)
    for (let index = 0; index < count; index += 1) {
      if (!isNull(index)) continue
      this.flags.raw[first + index] = 1
      this.count += 1
    }
  }

  has(row: number): boolean {
    return this.flags !== null && row < this.flags.length && this.flags.raw[row] === 1
  }
}

abstract class ColumnBase {
  protected readonly nulls = new Nulls()
  constructor(
    readonly name: string,
    readonly type: ColumnType,
  ) {}

  abstract get length(): number
  protected abstract appendValues(data: Data): void
  protected abstract appendValue(value: unknown): void

  get nullCount(): number {
    return this.nulls.count
  }

  isNull(row: number): boolean {
    return this.nulls.has(row)
  }

  /** Takes the cells of one Arrow batch. */
  append(data: Data): void {
    const start = this.length
    this.appendValues(data)
    if (data.typeId === Type.Null) this.nulls.append(start, data.length, () => true)
    else if (data.nullCount > 0) this.nulls.append(start, data.length, (index) => !data.getValid(index))
  }

  /** Takes cells that are at hand as JSON values. */
  appendAll(values: readonly unknown[]): void {
    for (const value of values) {
      const start = this.length
      this.appendValue(value)
      if (value === null || value === undefined) this.nulls.append(start, 1, () => true)
    }
  }
}

/** int, real, bool. */
export class NumberColumn extends ColumnBase {
  private readonly store = new Growable<Numbers>(
    this.type === 'real' ? Float64Array : this.type === 'int' ? Int32Array : Uint8Array,
  )

  get length(): number {
    return this.store.length
  }

  at(row: number): number {
    return this.store.raw[row] as number
  }

  protected appendValues(data: Data): void {
    const start = this.store.reserve(data.length)
    if (data.typeId === Type.Int || data.typeId === Type.Float) {
      const values = (data.values as Numbers).subarray(0, data.length)
      return this.store.raw.set(
        (values instanceof BigInt64Array ? Array.from(values, Number) : values) as never,
        start,
      )
    }
    if (data.typeId !== Type.Bool) return
    const bits = data.values as Uint8Array
    for (let index = 0; index < data.length; index += 1) {
      this.store.raw[start + index] = (bits[(data.offset + index) >> 3]! >> ((data.offset + index) & 7)) & 1
    }
  }

  protected appendValue(value: unknown): void {
    const start = this.store.reserve(1)
    this.store.raw[start] = Number(value ?? 0)
  }
}

/** Units of an Arrow timestamp or duration (seconds, milli-, micro-, nanoseconds) in ticks. */
const TICKS = [10_000_000n, 10_000n, 10n] as const

/** long as such; datetime in ticks since 1970, timespan in ticks. */
export class LongColumn extends ColumnBase {
  private readonly store = new Growable(BigInt64Array)

  get length(): number {
    return this.store.length
  }

  at(row: number): bigint {
    return this.store.raw[row] as bigint
  }

  protected appendValues(data: Data): void {
    if (data.typeId === Type.Null) return void this.store.reserve(data.length)
    const values = longsOf(data)
    if (data.typeId === Type.Int) return this.store.append(values)
    const unit = (data.type as { unit?: number }).unit ?? 3
    const ticks = TICKS[unit]
    this.store.append(values.map((value) => (ticks ? value * ticks : value / 100n)))
  }

  protected appendValue(value: unknown): void {
    const start = this.store.reserve(1)
    if (value === null || value === undefined) return
    const text = String(value)
    if (this.type === 'long') this.store.raw[start] = BigInt(text)
    else this.store.raw[start] = (this.type === 'datetime' ? parseMoment(text) : parseTimespan(text)) ?? 0n
  }
}

function longsOf(data: Data): BigInt64Array {
  const { values } = data as Data & { values: BigInt64Array | Int32Array }
  if (values instanceof BigInt64Array) return values.subarray(0, data.length)
  return BigInt64Array.from({ length: data.length }, (_, index) => BigInt(values[index] ?? 0))
}

/** string, guid, and what the contract sends as text: decimal and dynamic. */
export class TextColumn extends ColumnBase {
  private readonly bytes = new Growable(Uint8Array)
  /** Where each text ends. */
  private readonly ends = new Growable(Uint32Array)

  get length(): number {
    return this.ends.length
  }

  get raw(): Uint8Array {
    return this.bytes.raw
  }

  start(row: number): number {
    return row === 0 ? 0 : (this.ends.raw[row - 1] as number)
  }

  end(row: number): number {
    return this.ends.raw[row] as number
  }

  size(row: number): number {
    return this.end(row) - this.start(row)
  }

  /** The text, or its first `most` bytes, cut between characters. */
  at(row: number, most = Infinity): string {
    const start = this.start(row)
    let end = this.end(row)
    if (end - start > most) {
      end = start + most
      while (end > start && (this.bytes.raw[end]! & 0xc0) === 0x80) end -= 1
    }
    return decoder.decode(this.bytes.raw.subarray(start, end))
  }

  protected appendValues(data: Data): void {
    if (data.typeId === Type.Utf8 || data.typeId === Type.LargeUtf8) return this.appendRun(data)
    if (data.typeId === Type.Dictionary) return this.appendDictionary(data)
    for (let index = 0; index < data.length; index += 1) this.appendValue('')
  }

  private appendRun(data: Data): void {
    const offsets = data.valueOffsets as Int32Array | BigInt64Array
    const first = Number(offsets[0])
    const base = this.bytes.length - first
    this.bytes.append((data.values as Uint8Array).subarray(first, Number(offsets[data.length])))
    const start = this.ends.reserve(data.length)
    for (let index = 0; index < data.length; index += 1) {
      this.ends.raw[start + index] = base + Number(offsets[index + 1])
    }
  }

  private appendDictionary(data: Data): void {
    const words = (data.dictionary?.toArray() ?? []) as unknown as ArrayLike<unknown>
    const codes = data.values as Int32Array
    for (let index = 0; index < data.length; index += 1) this.appendValue(words[Number(codes[index])])
  }

  protected appendValue(value: unknown): void {
    const isText = typeof value === 'string' && this.type !== 'dynamic'
    if (value !== null && value !== undefined) {
      this.bytes.append(encoder.encode(isText ? value : JSON.stringify(value)))
    }
    const at = this.ends.reserve(1)
    this.ends.raw[at] = this.bytes.length
  }
}

export type Column = NumberColumn | LongColumn | TextColumn

export function makeColumn(name: string, type: ColumnType): Column {
  if (type === 'int' || type === 'real' || type === 'bool') return new NumberColumn(name, type)
  if (type === 'long' || type === 'datetime' || type === 'timespan') return new LongColumn(name, type)
  return new TextColumn(name, type)
}
