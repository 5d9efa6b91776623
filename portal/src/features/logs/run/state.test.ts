import { describe, expect, it } from 'vitest'
import { endOf, moveFinding, type DoneEvent } from './state'

const STATISTICS = {
  elapsedSeconds: 1,
  rowsRead: 2,
  bytesRead: 3,
  resultRows: 1,
  resultBytes: 8,
  cpuSeconds: null,
  peakMemoryBytes: null,
}
const DONE: DoneEvent = {
  rowCount: 1,
  isTruncated: false,
  statistics: STATISTICS,
  render: null,
  error: null,
  warnings: [],
}
const PLACE = {
  span: { start: 100, end: 120 },
  parts: [
    { start: 40, end: 50, textStart: 0 },
    { start: 100, end: 120, textStart: 11 },
  ],
}
const FINDING = { start: 15, end: 18, severity: 'error', code: 'SEM0100', message: 'no' } as const

describe('the end of a run', () => {
  it('is success without an error', () => {
    expect(endOf(DONE, PLACE)).toMatchObject({ status: 'done', error: null, statistics: STATISTICS })
  })

  it('is no failure when it was cancelled', () => {
    expect(endOf({ ...DONE, error: { code: 'QueryCancelled', message: 'x' } }, PLACE)).toMatchObject({
      status: 'cancelled',
      error: null,
    })
  })

  it('tells the message nearest to the cause, at its place in the editor', () => {
    const error = {
      error: {
        code: 'BadArgumentError',
        message: 'outer',
        innererror: { code: 'x', innererror: { message: 'inner' } },
      },
      diagnostics: [FINDING],
    }
    const { error: told } = endOf({ ...DONE, error }, PLACE)
    expect(told).toMatchObject({ code: 'BadArgumentError', message: 'inner' })
    expect(told?.findings).toMatchObject([{ start: 104, end: 107 }])
  })
})

describe('a finding in the sent text', () => {
  it('moves with its fix', () => {
    const fix = { start: 15, end: 18, text: 'y', title: 't' }
    expect(moveFinding({ ...FINDING, fix }, PLACE)).toMatchObject({
      start: 104,
      fix: { start: 104, end: 107 },
    })
  })

  it('stays inside the statement', () => {
    const fix = { start: 1, end: 2, text: 'y', title: 't' }
    const moved = moveFinding({ ...FINDING, start: 12, end: 90, fix }, PLACE)
    expect(moved).toMatchObject({ start: 101, end: 120 })
    expect(moved.fix).toBeUndefined()
  })

  it('is told in the let that it is in', () => {
    expect(moveFinding({ ...FINDING, start: 4, end: 6 }, PLACE)).toMatchObject({ start: 44, end: 46 })
  })
})
