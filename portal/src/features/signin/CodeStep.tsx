import { useState } from 'react'
import { giveSecondFactor, type SignInStep } from '@/app/session'
import { t } from '@/i18n/en/signin'
import { Button, TextField } from '@/ui'
import { Problem } from './Problem'
import css from './signin.module.css'
import { useAttempt } from './useAttempt'

interface CodeStepProps {
  readonly ticket: string
  readonly onStep: (step: SignInStep) => Promise<void>
  readonly onBack: () => void
}

const DIGITS = /^\d{6}$/

/** The second factor; six digits are sent as soon as they are there. */
export function CodeStep({ ticket, onStep, onBack }: CodeStepProps) {
  const [code, setCode] = useState('')
  const { attempt, isPending, problem } = useAttempt(onStep)

  function send(text: string) {
    void attempt(() => giveSecondFactor(ticket, text.trim()))
  }

  function write(text: string) {
    const bare = text.replaceAll(/\s/g, '')
    setCode(bare)
    if (DIGITS.test(bare) && !isPending) send(bare)
  }

  return (
    <form
      className={css['form']}
      onSubmit={(event) => {
        event.preventDefault()
        send(code)
      }}
    >
      <p className={css['text']}>{t.codeText}</p>
      <TextField
        autoFocus
        isRequired
        isCode
        label={t.code}
        inputMode="numeric"
        autoComplete="one-time-code"
        value={code}
        onChange={write}
      />
      <Problem problem={problem} />
      <Button type="submit" variant="primary" isPending={isPending}>
        {t.check}
      </Button>
      <Button variant="quiet" onPress={onBack}>
        {t.back}
      </Button>
    </form>
  )
}
