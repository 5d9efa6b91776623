import { afterEach, expect, test, vi } from 'vitest'
import { request, whenSessionEnds } from './client'
import { openEvents } from './sse'

afterEach(() => vi.unstubAllGlobals())

function answerWith(body: string, init?: ResponseInit): void {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, init)))
}

test('an error is told by its innermost message, with what to quote to support', async () => {
  const innererror = { code: 'SYN0002', message: 'Expected a table.' }
  answerWith(
    JSON.stringify({
      error: { code: 'BadArgumentError', message: 'Invalid.', correlationId: 'c1', innererror },
    }),
    {
      status: 400,
    },
  )
  await expect(request('POST', '/v1/workspaces/w/query')).rejects.toMatchObject({
    status: 400,
    code: 'BadArgumentError',
    message: 'Expected a table.',
    correlationId: 'c1',
  })
})

test('the end of a session is told once, but not where one signs in', async () => {
  const ended = vi.fn<() => void>()
  whenSessionEnds(ended)
  answerWith('{"error":{"code":"SessionEnded","message":"Nobody is signed in."}}', { status: 401 })
  await expect(request('POST', '/portal/api/session')).rejects.toMatchObject({ status: 401 })
  expect(ended).not.toHaveBeenCalled()
  await expect(request('GET', '/portal/api/home')).rejects.toMatchObject({ code: 'SessionEnded' })
  expect(ended).toHaveBeenCalledOnce()
})

test('events come whole, however the stream is cut', async () => {
  const text =
    ': hello\n\nevent: progress\ndata: {"rowsRead":1}\n\nevent: done\ndata: {"rowCount":2}\n\nevent: other\ndata: {}\n\n'
  const pieces = [...text].map((letter) => new TextEncoder().encode(letter))
  const body = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body)))
  const seen: unknown[] = []
  const note = (document: unknown) => seen.push(document)
  await openEvents('/e', { progress: note, done: note }, new AbortController().signal)
  expect(seen).toEqual([{ rowsRead: 1 }, { rowCount: 2 }])
})
