import { QueryClient } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { refresh } from './refresh'

test('a first reading that is under way when something changes is given up and made anew', async () => {
  const client = new QueryClient()
  let saved = 'before'
  let answer: (() => void) | undefined
  const queryFn = () => {
    const read = saved
    return new Promise<string>((resolve) => {
      answer = () => resolve(read)
    })
  }
  const reading = client.fetchQuery({ queryKey: ['saved'], queryFn }).catch(() => undefined)
  await expect.poll(() => answer).toBeDefined()
  saved = 'after'
  await refresh(client, ['saved'])
  const again = client.fetchQuery({ queryKey: ['saved'], queryFn })
  answer?.()
  await expect(again).resolves.toBe('after')
  await reading
})
