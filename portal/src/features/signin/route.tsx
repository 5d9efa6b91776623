import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError } from '@/api/client'
import { sessionQuery, signIn } from '@/app/session'
import { t } from '@/i18n/en/signin'

export function SignIn() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { next } = useSearch({ from: '/signin' })
  const [problem, setProblem] = useState('')

  async function submit(form: FormData) {
    try {
      const step = await signIn(String(form.get('userName')), String(form.get('password')))
      if ('secondFactor' in step) return
      client.setQueryData(sessionQuery.queryKey, step)
      await navigate({ href: next })
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      setProblem(failure.message)
    }
  }

  return (
    <main>
      <h1>{t.title}</h1>
      <form action={submit}>
        <label>
          {t.userName}
          <input name="userName" autoComplete="username" required />
        </label>
        <label>
          {t.password}
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        <p role="alert">{problem}</p>
        <button type="submit">{t.signIn}</button>
      </form>
    </main>
  )
}
