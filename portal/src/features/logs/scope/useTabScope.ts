import { useEffect, useRef } from 'react'
import { useUrlState } from '@/lib/url-state'
import { useTabs } from '../tabs/store'
import type { Tab } from '../tabs/tab'

/** The parameter of the address that names the workspaces beside the page's own; the scope switcher writes it. */
const PARAMETER = 'also'

/**
 * Keeps the workspaces of the shown tab and of the address the same. What changed last wins; where the page begins, an
 * address that names some wins over the draft.
 */
export function useTabScope({ id, also }: Tab): void {
  const [text, setText] = useUrlState(PARAMETER)
  const before = useRef<string | null>(null)
  const own = also.join(',')
  useEffect(() => {
    const isAddressNew = before.current === null ? text !== '' : text !== before.current
    before.current = text
    if (text === own) return
    if (isAddressNew) useTabs.getState().change(id, { also: namesOf(text) })
    else setText(own, { replace: true })
  }, [id, text, own, setText])
}

function namesOf(text: string): readonly string[] {
  return [...new Set(text.split(',').filter((name) => name !== ''))]
}
