import { Navigate } from '@tanstack/react-router'
import { t } from '@/i18n/en/shell'
import { EmptyState, LinkButton, Page } from '@/ui'
import { useNavigation } from './useNavigation'

/** A tenant's address by itself: leads to the first page that one may use. */
export function Start() {
  const first = useNavigation()
    .flatMap((group) => group.links)
    .find((link) => !link.route.endsWith('/'))
  if (first) return <Navigate to={first.href} replace />
  return (
    <Page title={t.nothingToShow}>
      <EmptyState title={t.nothingToShowText} actions={<LinkButton href="/me">{t.profile}</LinkButton>} />
    </Page>
  )
}
