import { QueryClient } from '@tanstack/react-query'
import { expect, test, vi } from 'vitest'
import { freeDropped } from './outcomes'

test('rows are freed once nobody can see them: when others replace them, and when they are forgotten', () => {
  const client = new QueryClient()
  freeDropped(client.getQueryCache())
  freeDropped(client.getQueryCache())
  const answer = () => ({ result: { close: vi.fn<() => void>() } })
  const [first, second, other] = [answer(), answer(), answer()]
  client.setQueryData(['dash', 'run', 'a'], first)
  client.setQueryData(['dash', 'opened', 'a'], other)
  expect(first.result.close).not.toHaveBeenCalled()
  client.setQueryData(['dash', 'run', 'a'], second)
  expect(first.result.close).toHaveBeenCalledOnce()
  expect(second.result.close).not.toHaveBeenCalled()
  client.clear()
  expect(second.result.close).toHaveBeenCalledOnce()
  expect(other.result.close).not.toHaveBeenCalled()
})
