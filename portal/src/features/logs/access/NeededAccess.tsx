import { useQuery } from '@tanstack/react-query'
import { Lock } from 'lucide-react'
import { namesQuery } from '@/api/principals'
import { tenantPath, useScope } from '@/app/scope'
import { useSession } from '@/app/session'
import { t } from '@/i18n/en/results'
import { CopyButton } from '@/ui/CopyButton'
import { LinkButton } from '@/ui/LinkButton'
import { ownersQuery } from './api'
import styles from './access.module.css'

interface NeededAccessProps {
  /** What one may not read: a table, or a workspace. */
  readonly what: string
  readonly action: string
  /** The place of the action, where one may know it. */
  readonly scope?: string
  readonly message?: string
}

/** One may not read something: which action is missing, why, whom to ask, and with which words. */
export function NeededAccess({ what, action, scope = '', message = '' }: NeededAccessProps) {
  const { tenant } = useScope()
  const { user } = useSession()
  const owners = useQuery({ ...ownersQuery(scope), enabled: scope !== '' })
  const found = useQuery(namesQuery(owners.data ?? []))
  const names = [...(found.data?.values() ?? [])].map((owner) => owner.name)
  const asked = { tab: 'why', scope, action, who: user.objectId }
  const why = `${tenantPath(tenant, 'access')}?${new URLSearchParams(asked).toString()}`
  return (
    <div className={styles['needed']} role="alert">
      <Lock aria-hidden />
      <div className={styles['words']}>
        <strong>{t.mayNotRead(what)}</strong>
        {message !== '' && <p>{message}</p>}
        <p>
          {t.missing} <code>{action}</code>
        </p>
        <p>{names.length > 0 ? t.ask(names.join(', ')) : t.askAnOwner}</p>
        <div className={styles['actions']}>
          {scope !== '' && <LinkButton href={why}>{t.why}</LinkButton>}
          <CopyButton
            label={t.copyRequest}
            text={t.request({ name: user.userName, what, action, scope, address: window.location.href })}
          />
        </div>
      </div>
    </div>
  )
}
