import { Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ApiError } from '@/api/client'
import { t } from '@/i18n/en/ui'
import { CopyButton } from './CopyButton'
import { LinkButton } from './LinkButton'
import css from './State.module.css'

export interface NoAccessProps {
  readonly error: ApiError
  /** The page that explains the decision. */
  readonly whyHref?: string
  readonly actions?: ReactNode
}

/** One may not: which action is missing, why, and what to send to whoever can give it. */
export function NoAccess({ error, whyHref, actions }: NoAccessProps) {
  return (
    <div className={css['state']} role="alert">
      <Lock aria-hidden />
      <h2 className={css['title']}>{t.noAccess}</h2>
      <p className={css['text']}>{error.message}</p>
      <p className={css['text']}>{t.askAnOwner}</p>
      {error.correlationId && (
        <div className={css['reference']}>
          {t.correlation} <code>{error.correlationId}</code>
        </div>
      )}
      <div className={css['actions']}>
        {whyHref && <LinkButton href={whyHref}>{t.why}</LinkButton>}
        {actions}
        <CopyButton
          label={t.copyRequest}
          text={t.accessRequest(error.message, window.location.href, error.correlationId)}
        />
      </div>
    </div>
  )
}
