import { CircleAlert } from 'lucide-react'
import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/ui'
import { Button } from './Button'
import { CopyButton } from './CopyButton'
import { NoAccess } from './NoAccess'
import css from './State.module.css'

export interface ErrorStateProps {
  readonly error: unknown
  readonly retry?: (() => void) | undefined
}

/** What went wrong, in the server's words, with what to quote to whoever runs it. A refusal of access says whom to ask. */
export function ErrorState({ error, retry }: ErrorStateProps) {
  if (error instanceof ApiError && error.status === 403) return <NoAccess error={error} />
  const known = error instanceof ApiError ? error : null
  const message = error instanceof Error ? error.message : String(error)
  return (
    <div className={css['error']} role="alert">
      <CircleAlert aria-hidden />
      <div className={css['words']}>
        <strong>{known?.code ?? t.somethingFailed}</strong>
        <p>{message}</p>
        {known && known.details.length > 0 && (
          <ul>
            {known.details.map((detail) => (
              <li key={`${detail.target}${detail.message}`}>
                {detail.target && <code>{detail.target}: </code>}
                {detail.message}
              </li>
            ))}
          </ul>
        )}
        {known?.retryAfterSeconds !== null && known && <p>{t.tryAgainIn(known.retryAfterSeconds)}</p>}
        {known?.correlationId && (
          <div className={css['reference']}>
            {t.correlation} <code>{known.correlationId}</code>
            <CopyButton text={known.correlationId} label={t.copyCorrelation} />
          </div>
        )}
      </div>
      {retry && (
        <Button size="small" onPress={retry}>
          {t.retry}
        </Button>
      )}
    </div>
  )
}
