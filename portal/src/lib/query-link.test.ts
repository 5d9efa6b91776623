import { expect, it } from 'vitest'
import { readQueryHash, writeQueryHash } from './query-link'

it('gives back what was put in', async () => {
  const linked = { query: 'Syslog\n| where Host == "ü/+="', timespan: 'PT1H', also: ['w'] }
  const hash = await writeQueryHash(linked)
  expect(hash).toMatch(/^#q=[\w-]+$/)
  expect(await readQueryHash(hash)).toEqual(linked)
})

it.each(['', '#', '#q=', '#q=!!!', '#q=AAAA', '#other=1'])('reads no query from %j', async (hash) => {
  expect(await readQueryHash(hash)).toBeNull()
})
