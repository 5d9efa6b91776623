import { useRouter, useRouterState } from '@tanstack/react-router'
import { useMemo } from 'react'
import { parseSearch, stringifySearch } from '@/lib/url-state'
import type { Dashboard } from './document'
import { chosenValues, writeValues, type Values } from './parameters'

export type SetValues = (changes: Values) => void

/** The values of a dashboard's parameters, kept in the address as `p.Name=`; an empty list goes back to the default. */
export function useValues(dashboard: Dashboard): [Values, SetValues] {
  const router = useRouter()
  const search = useRouterState({ select: (state) => state.location.searchStr })
  const values = useMemo(() => chosenValues(dashboard, parseSearch(search)), [dashboard, search])
  const set: SetValues = (changes) => {
    const { pathname, searchStr } = router.state.location
    const named = Object.entries(changes).map(([name, chosen]) => [`p.${name}`, writeValues(chosen)])
    router.history.push(
      pathname + stringifySearch({ ...parseSearch(searchStr), ...Object.fromEntries(named) }),
    )
  }
  return [values, set]
}
