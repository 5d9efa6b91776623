import type { ReactNode } from 'react'
import { useSession } from '@/app/session'
import { t } from '@/i18n/en/me'
import { KeyValues, Page } from '@/ui'
import { Appearance } from './Appearance'
import css from './me.module.css'
import { Password } from './Password'
import { SecondFactor } from './SecondFactor'
import { Sessions } from './Sessions'

/** One's own account: how the portal looks to oneself, what one signs in with, and where one is signed in. */
export function Me() {
  const { user, tenant } = useSession()
  return (
    <Page title={t.title}>
      <div className={css['cards']}>
        <Card title={t.account}>
          <KeyValues
            items={[
              [t.name, user.name],
              [t.userName, user.userName],
              [t.actsIn, `${tenant.name} (${tenant.domain})`],
              [t.objectId, <code key="id">{user.objectId}</code>],
            ]}
          />
        </Card>
        <Card title={t.look} text={t.lookText}>
          <Appearance />
        </Card>
        <Card title={t.password} text={t.passwordText}>
          <Password />
        </Card>
        <Card title={t.factor} text={t.factorText}>
          <SecondFactor />
        </Card>
        <Card title={t.sessions} isWide>
          <Sessions />
        </Card>
      </div>
    </Page>
  )
}

interface CardProps {
  readonly title: string
  readonly text?: string
  readonly isWide?: boolean
  readonly children: ReactNode
}

function Card({ title, text, isWide, children }: CardProps) {
  return (
    <section className={css[isWide ? 'wide' : 'card']} aria-label={title}>
      <h2 className={css['title']}>{title}</h2>
      {text && <p className={css['text']}>{text}</p>}
      {children}
    </section>
  )
}
