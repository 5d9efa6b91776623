import { request } from '@/api/client'

export interface Fix {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly title: string
}

/** What our own parser found in a text; offsets are the browser's. */
export interface Finding {
  readonly start: number
  readonly end: number
  readonly severity: 'error' | 'warning'
  readonly code: string
  readonly message: string
  readonly advice?: string
  readonly fix?: Fix
}

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
      const { diagnostics } = await request<{ diagnostics: readonly Finding[] }>(
        'POST',
        '/portal/api/kql/check',
        {
          body: { ...scope, timespan: scope.timespan ?? undefined, query: text },
          signal: asked.signal,
        },
      )
      if (!asked.signal.aborted) this.onFindings(text, diagnostics)
    } catch {
      // Checking is an extra; the text stays as it is.
    }
  }
}
