import { useQuery } from '@tanstack/react-query'
import { useDeferredValue } from 'react'
import { ask } from '@/api/ask'
import { t } from '@/i18n/en/signin'
import { useUrlState } from '@/lib/url-state'
import { Button } from '@/ui'
import css from './signin.module.css'

/** Ways in of the tenant that the address or the written user name tells. */
export function ProviderButtons({ userName, next }: { userName: string; next: string }) {
  const [named] = useUrlState('tenant')
  const domain = useDeferredValue(userName.trim().split('@')[1] ?? '')
  const tenant = named === '' ? domain : named
  const { data } = useQuery({
    queryKey: ['providers', tenant],
    queryFn: ({ signal }) => ask('GET /portal/api/session/providers', { query: { tenant }, signal }),
    enabled: tenant.includes('.') || named !== '',
    staleTime: 60_000,
    retry: false,
  })
  if (!data || data.value.length === 0) return null
  return (
    <div className={css['providers']}>
      <span className={css['or']}>{t.or}</span>
      {data.value.map(({ name, url }) => (
        <Button key={url} onPress={() => window.location.assign(comeBack(url, next))}>
          {t.withProvider(name)}
        </Button>
      ))}
    </div>
  )
}

/** The provider's address, from which one comes back to the page that was wanted. */
function comeBack(url: string, next: string): string {
  const { pathname, searchParams } = new URL(url, window.location.origin)
  searchParams.set('next', `/signin/callback?next=${encodeURIComponent(next)}`)
  return `${pathname}?${searchParams.toString()}`
}
