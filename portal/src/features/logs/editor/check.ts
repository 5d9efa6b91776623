import { ask, type Schemas } from '@/api/ask'

/** What our own parser found in a text; offsets are the browser's. */
export type Finding = Schemas['KqlFinding']

export type Fix = NonNullable<Finding['fix']>

/** What a text is looked at for. */
export interface CheckedScope {
  readonly workspaces: readonly string[]
  readonly timespan: string | null
}

const DELAY_MILLISECONDS = 300

/**
 * Asks the server what is wrong with a text, some time after the last key. `onFindings` is called for the newest text
 * only; what can't be asked (no way to the server, no right) is not told: the run will say it.
 */
export class Checker {
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked: AbortController | undefined

  constructor(private readonly onFindings: (text: string, findings: readonly Finding[]) => void) {}

  check(scope: CheckedScope, text: string, delay = DELAY_MILLISECONDS): void {
    this.stop()
    if (text.trim() === '') {
      this.onFindings(text, [])
      return
    }
    this.#timer = setTimeout(() => void this.#ask(scope, text), delay)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#asked?.abort()
  }

  async #ask(scope: CheckedScope, text: string): Promise<void> {
    const asked = new AbortController()
    this.#asked = asked
    try {
      const body = { ...scope, query: text }
      const { diagnostics } = await ask('POST /portal/api/kql/check', { body, signal: asked.signal })
      if (!asked.signal.aborted) this.onFindings(text, diagnostics)
    } catch {
      // Checking is an extra; the text stays as it is.
    }
  }
}
