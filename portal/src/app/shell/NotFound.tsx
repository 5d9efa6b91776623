import { t } from '@/i18n/en/shell'
import { EmptyState, LinkButton, Page } from '@/ui'

export function NotFound() {
  return (
    <Page title={t.notFound}>
      <EmptyState title={t.notFoundText} actions={<LinkButton href="/">{t.goHome}</LinkButton>} />
    </Page>
  )
}
