import { expect, test } from 'vitest'
import { Turns } from './turns'

test('so much is done at once, in order, and who leaves the line frees nothing of others', async () => {
  const turns = new Turns(2)
  const ends: (() => void)[] = []
  const begun: number[] = []
  const controllers = [0, 1, 2, 3, 4].map(() => new AbortController())
  const all = controllers.map(({ signal }, number) =>
    turns.take(() => {
      begun.push(number)
      return new Promise<number>((resolve) => (ends[number] = () => resolve(number)))
    }, signal),
  )
  const [, , third] = all
  controllers[2]?.abort()
  await expect(third).rejects.toThrow('aborted')
  expect(begun).toEqual([0, 1])
  ends[1]?.()
  await all[1]
  expect(begun).toEqual([0, 1, 3])
  ends[0]?.()
  ends[3]?.()
  await all[3]
  ends[4]?.()
  expect(await Promise.all([all[0], all[1], all[3], all[4]])).toEqual([0, 1, 3, 4])
})
