import { useState } from 'react'
import { t } from '@/i18n/en/me'
import { Button, CodeBlock, Form, saveFile, TextField } from '@/ui'
import { confirmEnrolment, enrol, type Enrolment } from './api'
import css from './me.module.css'
import { QrCode } from './QrCode'

/** Three steps: the password, the code that proves the authenticator, and the recovery codes to keep. */
export function Enrol({ onDone }: { onDone: () => void }) {
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null)
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />
  if (!enrolment) {
    return (
      <Form
        key="password"
        submitLabel={t.begin}
        onCancel={onDone}
        onSubmit={async (form) => setEnrolment(await enrol(String(form.get('currentPassword'))))}
      >
        <p>{t.confirmFirst}</p>
        <TextField
          autoFocus
          isRequired
          label={t.currentPassword}
          name="currentPassword"
          type="password"
          autoComplete="current-password"
        />
      </Form>
    )
  }
  return (
    <Form
      key="code"
      submitLabel={t.finish}
      onCancel={onDone}
      onSubmit={async (form) =>
        setCodes(await confirmEnrolment(String(form.get('code')).replaceAll(/\s/g, '')))
      }
    >
      <p>{t.scan}</p>
      <QrCode text={enrolment.address} label={t.qr} />
      <CodeBlock isWrapped label={t.secret} code={enrolment.secret} />
      <TextField
        autoFocus
        isRequired
        isCode
        label={t.code}
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
      />
    </Form>
  )
}

function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  return (
    <>
      <h3 className={css['title']}>{t.recoveryTitle}</h3>
      <p>{t.recoveryText}</p>
      <ul className={css['codes']} aria-label={t.recoveryCodes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className={css['row']}>
        <Button
          onPress={() =>
            saveFile(t.recoveryFile, new Blob([`${codes.join('\n')}\n`], { type: 'text/plain' }))
          }
        >
          {t.save}
        </Button>
        <Button variant="primary" onPress={onDone}>
          {t.done}
        </Button>
      </div>
    </>
  )
}
