/** Typed arrays that grow at their end: rows come in batches, and are read by number. */

export type Numbers = Uint8Array | Int32Array | Uint32Array | Float64Array | BigInt64Array

/** The same, over memory that may be shared with whoever made it. */
type Like<T extends Numbers> = T extends BigInt64Array
  ? BigInt64Array<ArrayBufferLike>
  : T extends Uint8Array
    ? Uint8Array<ArrayBufferLike>
    : T

type Make<T extends Numbers> = new (length: number) => T

export class Growable<T extends Numbers> {
  private items: T
  private used = 0

  constructor(private readonly make: Make<T>) {
    this.items = new make(0)
  }

  get length(): number {
    return this.used
  }

  /** The array itself, which may be longer than what is used, until the next `reserve`. */
  get raw(): T {
    return this.items
  }

  /** Makes room for so many more, counts them as used, and returns the index of the first. */
  reserve(count: number): number {
    const start = this.used
    this.used += count
    if (this.used > this.items.length) {
      const grown = new this.make(Math.max(this.used, Math.ceil(this.items.length * 1.5)))
      grown.set(this.items as never)
      this.items = grown
    }
    return start
  }

  append(values: Like<T> | T): void {
    const start = this.reserve(values.length)
    this.items.set(values as never, start)
  }
}
