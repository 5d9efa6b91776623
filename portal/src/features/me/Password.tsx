import { useState } from 'react'
import { ApiError } from '@/api/client'
import { useSession } from '@/app/session'
import { t } from '@/i18n/en/me'
import { Form, TextField, toast } from '@/ui'
import { changePassword } from './api'

export function Password() {
  const { user } = useSession()
  const [round, setRound] = useState(0)

  async function submit(form: FormData) {
    const next = String(form.get('newPassword'))
    if (next !== String(form.get('repeated'))) {
      throw new ApiError(400, 'NotTheSame', t.notTheSame, [
        { code: 'NotTheSame', message: t.notTheSame, target: 'repeated' },
      ])
    }
    await changePassword(String(form.get('currentPassword')), next)
    // Anew, so that no password stays in the page.
    setRound(round + 1)
    toast(t.passwordChanged)
  }

  return (
    <Form key={round} submitLabel={t.changePassword} onSubmit={submit}>
      {/* Password managers look for whose password it is. */}
      <input hidden readOnly autoComplete="username" value={user.userName} />
      <TextField
        isRequired
        label={t.currentPassword}
        name="currentPassword"
        type="password"
        autoComplete="current-password"
      />
      <TextField
        isRequired
        label={t.newPassword}
        name="newPassword"
        type="password"
        autoComplete="new-password"
      />
      <TextField
        isRequired
        label={t.repeatPassword}
        name="repeated"
        type="password"
        autoComplete="new-password"
      />
    </Form>
  )
}
