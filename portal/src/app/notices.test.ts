import { expect, test } from 'vitest'
import { ApiError } from '@/api/client'
import { startOperation, useNotices } from './notices'

const newest = () => useNotices.getState().notices[0]

test('an operation tells how far it is, fails with its words, and is tried again', async () => {
  let isReady = false
  const work = startOperation('Link the workspace', {
    run: (report) => {
      report({ progress: 40, text: 'Moving' })
      if (isReady) return Promise.resolve('linked')
      return Promise.reject(new ApiError(409, 'Busy', 'The cluster is busy.', [], 'c-7'))
    },
  })
  expect(newest()).toMatchObject({ state: 'running', progress: 40, text: 'Moving' })
  await expect(work).rejects.toThrow('The cluster is busy.')
  expect(newest()).toMatchObject({ state: 'failed', text: 'The cluster is busy.', correlationId: 'c-7' })
  isReady = true
  newest()?.retry?.()
  await expect.poll(() => newest()?.state).toBe('done')
  expect(newest()?.retry).toBeUndefined()
})

test('an operation that can be cancelled says so', async () => {
  const work = startOperation('Export', {
    canCancel: true,
    run: (_, signal) =>
      new Promise((_done, fail) => signal.addEventListener('abort', () => fail(new Error('aborted')))),
  })
  newest()?.cancel?.()
  await expect(work).rejects.toThrow('aborted')
  expect(newest()).toMatchObject({ state: 'cancelled' })
})
