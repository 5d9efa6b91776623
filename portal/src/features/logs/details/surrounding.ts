import { useEffect, useState } from 'react'
import type { Result } from '@/workers/result'

/** Rows around one in time, of the same machine or resource where the row says which. */
export interface Surrounding {
  readonly column: string
  /** ISO times in UTC. */
  readonly from: string
  readonly to: string
  readonly by: { readonly column: string; readonly value: string } | null
}

const AROUND_MILLISECONDS = 5 * 60_000

/** In order of trust. */
const BY = ['Computer', '_ResourceId']

/** What to ask for around a row; `null` where it has no time. */
export function useSurrounding(result: Result, row: number): Surrounding | null {
  const [found, setFound] = useState<Surrounding | null>(null)
  useEffect(() => {
    let isGone = false
    void findSurrounding(result, row)
      .then((surrounding) => !isGone && setFound(surrounding))
      .catch(() => undefined)
    return () => {
      isGone = true
    }
  }, [result, row])
  return found
}

export async function findSurrounding(result: Result, row: number): Promise<Surrounding | null> {
  const { columns } = result.state
  const time = columns.findIndex(({ name, type }) => name === 'TimeGenerated' && type === 'datetime')
  const at = Date.parse((time === -1 ? null : await result.text(row, time)) ?? '')
  if (Number.isNaN(at)) return null
  const around = (by: number) => new Date(at + by).toISOString()
  return {
    column: 'TimeGenerated',
    from: around(-AROUND_MILLISECONDS),
    to: around(AROUND_MILLISECONDS),
    by: await findOrigin(result, row),
  }
}

async function findOrigin(result: Result, row: number): Promise<Surrounding['by']> {
  for (const name of BY) {
    const column = result.state.columns.findIndex((candidate) => candidate.name === name)
    // oxlint-disable-next-line no-await-in-loop -- the second is asked only where the first says nothing
    const value = column === -1 ? null : await result.text(row, column)
    if (value) return { column: name, value }
  }
  return null
}
