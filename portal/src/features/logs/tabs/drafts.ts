import { ApiError, request } from '@/api/client'
import { useTabs } from './store'
import { mergeTabs, readTabs, type TabSet } from './tab'

interface Draft {
  readonly document: unknown
  readonly revision: number
}

/** Whether the server has the tabs as they are. */
export type Keeping = 'kept' | 'keeping' | 'failed'

const DELAY_MILLISECONDS = 500

/**
 * Mirrors the tabs to the server, half a second after the last change. Where another window wrote meanwhile, both
 * versions are made one and written again.
 */
export class DraftKeeper {
  readonly #path: string
  /** Zero while there is no draft. */
  #revision = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #writing: Promise<void> = Promise.resolve()
  #stop: () => void = () => undefined

  constructor(
    private readonly workspace: string,
    private readonly onState: (state: Keeping) => void,
  ) {
    this.#path = `/portal/api/drafts/logs.${encodeURIComponent(workspace)}`
  }

  /** Reads what the server has, and begins to follow. Raises `ApiError`. */
  async open(signal: AbortSignal): Promise<TabSet> {
    const draft = await this.#read(signal)
    this.#revision = draft.revision
    return readTabs(draft.document)
  }

  follow(): void {
    let version = useTabs.getState().version
    this.#stop = useTabs.subscribe((state) => {
      if (state.workspace !== this.workspace || state.version === version) return
      version = state.version
      this.onState('keeping')
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.flush(), DELAY_MILLISECONDS)
    })
  }

  /** Writes now what is not written yet. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(() => this.#write())
  }

  close(): void {
    this.#stop()
    if (this.#timer !== undefined) this.flush()
  }

  /** Writes what is not written yet while the page goes away: the browser carries such a request on without it. */
  leave(): void {
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    const { tabs, active } = useTabs.getState()
    // Nobody is left to be told what became of it.
    this.#put({ tabs, active }, true).catch(() => undefined)
  }

  async #write(): Promise<void> {
    const { tabs, active, workspace, version } = useTabs.getState()
    if (workspace !== this.workspace) return
    try {
      const kept = await this.#put({ tabs, active })
      this.#revision = kept.revision
      if (useTabs.getState().version !== version) return
      useTabs.getState().settle()
      this.onState('kept')
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      // What can't be kept stays here, and the next change tries again.
      if (failure.status === 412) await this.#merge()
      else this.onState('failed')
    }
  }

  async #merge(): Promise<void> {
    const draft = await this.#read()
    const { tabs, active, changedHere, closedHere } = useTabs.getState()
    this.#revision = draft.revision
    useTabs.setState(mergeTabs({ tabs, active }, readTabs(draft.document), changedHere, closedHere))
    await this.#write()
  }

  #put(document: TabSet, isParting = false): Promise<Draft> {
    const headers = { 'If-Match': String(this.#revision) }
    return request<Draft>('PUT', this.#path, { body: { document }, headers, isParting })
  }

  #read(signal?: AbortSignal): Promise<Draft> {
    return request<Draft>('GET', this.#path, { signal })
  }
}
