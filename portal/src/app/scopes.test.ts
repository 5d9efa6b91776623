import { QueryClient } from '@tanstack/react-query'
import { afterEach, expect, test, vi } from 'vitest'
import { workspacesQuery } from './scopes'

afterEach(() => vi.unstubAllGlobals())

test('all workspaces come, however many pages that takes', async () => {
  const names = Array.from({ length: 2_345 }, (_, number) => `ws-${number}`)
  const asked: string[] = []
  vi.stubGlobal('fetch', (address: string) => {
    const { searchParams } = new URL(address, 'https://kelp.test')
    asked.push(searchParams.get('kind') ?? '')
    const skip = Number(searchParams.get('skip'))
    const value = names.slice(skip, skip + Number(searchParams.get('top'))).map((name) => ({ name }))
    return Promise.resolve(new Response(JSON.stringify({ value, total: names.length })))
  })
  const found = await new QueryClient().fetchQuery(workspacesQuery)
  expect(found.map(({ name }) => name)).toEqual(names)
  expect(asked).toEqual(['workspace', 'workspace', 'workspace'])
})
