import type { ErrorComponentProps } from '@tanstack/react-router'
import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/shell'
import { Button, ErrorState, Page } from '@/ui'
import { NotFound } from './NotFound'

/** In the place of a page that failed; the shell around it goes on. */
export function Fault({ error, reset }: ErrorComponentProps) {
  if (error instanceof ApiError && error.status === 404) return <NotFound />
  return (
    <Page title={t.fault}>
      {!(error instanceof ApiError) && <p>{t.faultText}</p>}
      <ErrorState error={error} retry={reset} />
      <div>
        <Button onPress={() => window.location.reload()}>{t.reload}</Button>
      </div>
    </Page>
  )
}
