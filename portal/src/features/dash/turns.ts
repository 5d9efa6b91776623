/** Work that waits for its turn: so much at once, the rest in the order it came. */
export class Turns {
  private readonly waiting: (() => void)[] = []
  private running = 0

  constructor(private readonly atOnce: number) {}

  /** Does the work when it is its turn; who gives up before that is not kept in the line. */
  async take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.running < this.atOnce) this.running += 1
    else await this.wait(signal)
    try {
      return await work()
    } finally {
      const next = this.waiting.shift()
      // The turn is handed over, so that nobody comes in between.
      if (next) next()
      else this.running -= 1
    }
  }

  private wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(start), 1)
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.waiting.push(start)
    })
  }
}
