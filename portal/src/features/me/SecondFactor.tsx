import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/me'
import { Button, Dialog, ErrorState, Form, Loading, Status, TextField } from '@/ui'
import { factorQuery, removeFactor } from './api'
import { Enrol } from './Enrol'
import css from './me.module.css'

export function SecondFactor() {
  const client = useQueryClient()
  const { data, error, refetch } = useQuery(factorQuery)
  const [open, setOpen] = useState<'enrol' | 'remove' | null>(null)

  async function close() {
    setOpen(null)
    await refresh(client, factorQuery.queryKey)
  }

  if (error) return <ErrorState error={error} retry={() => void refetch()} />
  if (!data) return <Loading />
  return (
    <div className={css['row']}>
      {data.isEnrolled ? <Status tone="ok" word={t.factorOn} /> : <Status tone="none" word={t.factorOff} />}
      {data.isEnrolled ? (
        <Button variant="danger" onPress={() => setOpen('remove')}>
          {t.turnOff}
        </Button>
      ) : (
        <Button onPress={() => setOpen('enrol')}>{t.setUp}</Button>
      )}
      <Dialog title={t.scanTitle} isOpen={open === 'enrol'} onClose={() => void close()}>
        <Enrol onDone={() => void close()} />
      </Dialog>
      <Dialog isAlert title={t.offTitle} isOpen={open === 'remove'} onClose={() => void close()}>
        <p>{t.offText}</p>
        <Form
          isDanger
          submitLabel={t.offConfirm}
          onCancel={() => void close()}
          onSubmit={async (form) => {
            await removeFactor(String(form.get('code')).trim())
            await close()
          }}
        >
          <TextField autoFocus isRequired isCode label={t.offCode} name="code" autoComplete="one-time-code" />
        </Form>
      </Dialog>
    </div>
  )
}
