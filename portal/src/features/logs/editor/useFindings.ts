import { useEffect, useMemo, useState } from 'react'
import { Checker, type Finding } from './check'

/** What our parser says of a text, renewed while it is written; null before it has spoken. */
export function useFindings(
  tabId: string,
  text: string,
  workspaces: readonly string[],
): readonly Finding[] | null {
  const [found, setFound] = useState<{ tabId: string; findings: readonly Finding[] } | null>(null)
  const key = workspaces.join()
  const checker = useMemo(() => new Checker((_, findings) => setFound({ tabId, findings })), [tabId])

  useEffect(() => {
    if (key !== '') checker.check(key.split(','), text)
  }, [checker, text, key])

  useEffect(() => () => checker.stop(), [checker])

  return found?.tabId === tabId ? found.findings : null
}
