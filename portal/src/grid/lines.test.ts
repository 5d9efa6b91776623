import { expect, test, vi } from 'vitest'
import type { Line, Result } from '@/workers/result'
import { columnsAround, Lines } from './lines'

/** A result that answers when it is told to. */
function held(rows: { count: number }) {
  const answers: (() => void)[] = []
  const ask = vi.fn<(...asked: unknown[]) => Promise<Line[]>>((_method, _view, from, to) => {
    const end = Math.min(to as number, rows.count)
    const length = Math.max(end - (from as number), 0)
    const lines = Array.from({ length }, (_, index) => ({
      row: (from as number) + index,
      cells: ['x'],
      tint: null,
    }))
    return new Promise((resolve) => answers.push(() => resolve(lines)))
  })
  const answer = async () => {
    for (const give of answers.splice(0)) give()
    await Promise.resolve()
    await Promise.resolve()
  }
  return { result: { ask } as unknown as Result, ask, answer }
}

test('lines are asked for once, and are there when they came', async () => {
  const { result, ask, answer } = held({ count: 1000 })
  const lines = new Lines(result, 1, 'UTC')
  lines.want(0, 100, [0])
  lines.want(0, 100, [0])
  expect(ask).toHaveBeenCalledTimes(2)
  expect(lines.at(70)).toBeNull()
  await answer()
  expect(lines.at(70)?.line).toMatchObject({ row: 70 })
})

test('rows that are on their way are shown even while more come', async () => {
  const rows = { count: 10 }
  const { result, ask, answer } = held(rows)
  const lines = new Lines(result, 1, 'UTC')
  lines.want(0, 30, [0])
  rows.count = 40
  lines.extend()
  await answer()
  expect(lines.at(9)?.line).toMatchObject({ row: 9 })
  lines.want(0, 30, [0])
  expect(ask).toHaveBeenCalledTimes(2)
  expect(lines.at(9)?.line).toMatchObject({ row: 9 })
  await answer()
  expect(lines.at(29)?.line).toMatchObject({ row: 29 })
})

test('after another arrangement the lines on screen stay until others come', async () => {
  const { result, answer } = held({ count: 1000 })
  const lines = new Lines(result, 1, 'UTC')
  lines.want(0, 10, [0])
  await answer()
  lines.want(0, 10, [0])
  lines.reset()
  expect(lines.at(5)).not.toBeNull()
  lines.want(0, 10, [0])
  await answer()
  expect(lines.at(5)?.line).toMatchObject({ row: 5 })
})

test('of thousands of columns those near the eye are asked for, and the pinned ones', () => {
  const shown = Array.from({ length: 5000 }, (_, index) => ({ index, isPinned: index === 0 }))
  const around = columnsAround(shown, 100, 110)
  expect(around[0]).toBe(0)
  expect(around).toContain(100)
  expect(around.length).toBeLessThan(80)
  expect(columnsAround(shown.slice(0, 12), 3, 5)).toHaveLength(12)
})
