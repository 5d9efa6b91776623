import { useEffect, useMemo, useState } from 'react'
import { Checker, type Finding } from './check'

export interface Checked {
  /** The text that was looked at. */
  readonly text: string
  readonly findings: readonly Finding[]
}

/** What our parser says of a text, renewed while it is written; null before it has spoken. */
export function useFindings(
  tabId: string,
  text: string,
  workspaces: readonly string[],
  timespan: string | null,
): Checked | null {
  const [found, setFound] = useState<(Checked & { of: string }) | null>(null)
  const key = workspaces.join()
  // What was said of a text is said of it in these workspaces: elsewhere it may be wrong.
  const of = `${tabId} ${key}`
  const checker = useMemo(
    () => new Checker((checked, findings) => setFound({ of, text: checked, findings })),
    [of],
  )

  useEffect(() => {
    if (key !== '') checker.check({ workspaces: key.split(','), timespan }, text)
  }, [checker, text, key, timespan])

  useEffect(() => () => checker.stop(), [checker])

  return found?.of === of ? found : null
}
