import { Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ApiError } from '@/api/client'
import { t } from '@/i18n/en/ui'
import { whyHref } from '@/api/why-link'
import { CopyButton } from './CopyButton'
import { LinkButton } from './LinkButton'
import css from './State.module.css'

export interface NoAccessProps {
  readonly error: ApiError
  readonly actions?: ReactNode
}

/** One may not: which action is missing, why, and what to send to whoever can give it. */
export function NoAccess({ error, actions }: NoAccessProps) {
  const href = whyHref(error, window.location.pathname)
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
        {href && <LinkButton href={href}>{t.why}</LinkButton>}
        {actions}
        <CopyButton
          label={t.copyRequest}
          text={t.accessRequest(error.message, window.location.href, error.correlationId)}
        />
      </div>
    </div>
  )
}
