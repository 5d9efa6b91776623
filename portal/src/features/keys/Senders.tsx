import { useQuery } from '@tanstack/react-query'
import { t } from '@/i18n/en/keys'
import { Time } from '@/ui'
import { keyStatusQuery, periodOf, type Slot } from './api'

/** Who signed with a key in the last day: they are refused once it is another. */
export function Senders({ workspace, slot }: { readonly workspace: string; readonly slot: Slot }) {
  const { data } = useQuery({ ...keyStatusQuery(workspace), staleTime: 0 })
  if (!data) return null
  const uses = data.uses.filter((use) => use.key === slot)
  return (
    <>
      <p>{uses.length === 0 ? t.unused(periodOf(data)) : t.used(periodOf(data))}</p>
      <ul aria-label={t.senders}>
        {uses.map(({ address, requests, lastAt }) => (
          <li key={address}>
            {t.use(address, requests)} <Time value={lastAt} format="age" />
          </li>
        ))}
      </ul>
    </>
  )
}
