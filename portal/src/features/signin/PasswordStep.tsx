import { Eye, EyeOff } from 'lucide-react'
import { useState, type KeyboardEvent } from 'react'
import { signIn, type SignInStep } from '@/app/session'
import { t } from '@/i18n/en/signin'
import { useUrlState } from '@/lib/url-state'
import { Button, IconButton, TextField } from '@/ui'
import { Problem } from './Problem'
import { ProviderButtons } from './ProviderButtons'
import css from './signin.module.css'
import { useAttempt } from './useAttempt'

interface PasswordStepProps {
  readonly next: string
  readonly onStep: (step: SignInStep) => Promise<void>
}

export function PasswordStep({ next, onStep }: PasswordStepProps) {
  const [userName, setUserName] = useState('')
  const [password, setPassword] = useState('')
  const [isShown, setShown] = useState(false)
  const [hasCapsLock, setCapsLock] = useState(false)
  const [tenant] = useUrlState('tenant')
  const { attempt, isPending, problem } = useAttempt(onStep)
  const noteCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'))

  return (
    <>
      <form
        className={css['form']}
        onSubmit={(event) => {
          event.preventDefault()
          void attempt(() => signIn(userName.trim(), password, tenant === '' ? undefined : tenant))
        }}
      >
        <TextField
          autoFocus
          isRequired
          label={t.userName}
          placeholder={t.userNameHint}
          name="userName"
          autoComplete="username"
          spellCheck="false"
          value={userName}
          onChange={setUserName}
        />
        <TextField
          isRequired
          label={t.password}
          name="password"
          type={isShown ? 'text' : 'password'}
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          onKeyDown={noteCapsLock}
          onKeyUp={noteCapsLock}
          description={hasCapsLock ? t.capsLock : undefined}
          end={
            <IconButton
              size="small"
              label={isShown ? t.hidePassword : t.showPassword}
              icon={isShown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
              onPress={() => setShown(!isShown)}
            />
          }
        />
        <Problem problem={problem} />
        <Button type="submit" variant="primary" isPending={isPending}>
          {t.signIn}
        </Button>
      </form>
      <ProviderButtons userName={userName} next={next} />
    </>
  )
}
