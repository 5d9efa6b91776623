import { useQueryClient } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { sessionQuery, type SignInStep } from '@/app/session'
import { t } from '@/i18n/en/signin'
import { CodeStep } from './CodeStep'
import { PasswordStep } from './PasswordStep'
import css from './signin.module.css'

/** The way in: a password, then a code where one is asked for; then the page that one wanted. */
export function SignIn() {
  const client = useQueryClient()
  const router = useRouter()
  const { next } = useSearch({ from: '/signin' })
  const [ticket, setTicket] = useState<string | null>(null)
  const title = ticket === null ? t.title : t.codeTitle
  useEffect(() => {
    document.title = title
  }, [title])

  async function take(step: SignInStep) {
    if ('secondFactor' in step) return setTicket(step.ticket)
    client.setQueryData(sessionQuery.queryKey, step)
    await router.navigate({ href: next })
  }

  return (
    <main className={css['page']}>
      <div className={css['card']}>
        <h1 className={css['title']}>{title}</h1>
        {ticket === null ? (
          <PasswordStep next={next} onStep={take} />
        ) : (
          <CodeStep ticket={ticket} onStep={take} onBack={() => setTicket(null)} />
        )}
      </div>
    </main>
  )
}
