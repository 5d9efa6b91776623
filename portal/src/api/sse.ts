import { ApiError, send, unreachable, type RequestOptions } from './client'

export type EventHandlers = Readonly<Record<string, (document: unknown) => void>>

/**
 * Reads a stream of server-sent events until it ends or `signal` aborts it. `EventSource` is not used: it can't send the
 * header that our server asks for, and it opens a broken stream anew as if nothing had been missed.
 */
export async function openEvents(
  path: string,
  handlers: EventHandlers,
  signal: AbortSignal,
  options: Pick<RequestOptions, 'isBackground'> = {},
): Promise<void> {
  const answer = await send('GET', path, { ...options, headers: { Accept: 'text/event-stream' }, signal })
  if (!answer.body) throw new ApiError(0, 'Unreachable', 'The server sent no events.')
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a stream is read piece by piece
    const { value, done } = await reader.read().catch(unreachable)
    if (done) return
    const blocks = (rest + value).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) deliver(block, handlers)
  }
}

/** Calls the handler that the block's event names; comments and unknown events are passed over. */
function deliver(block: string, handlers: EventHandlers): void {
  let event = 'message'
  const lines: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) event = line.slice(6).trim()
    if (line.startsWith('data:')) lines.push(line.slice(5).trimStart())
  }
  if (lines.length > 0) handlers[event]?.(JSON.parse(lines.join('\n')))
}
