import { useQueryClient } from '@tanstack/react-query'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/lockbox'
import { Dialog, Form, NumberField, TextArea, TextField, toast } from '@/ui'
import { ask } from './api'

/** Where an operator asks a customer for access. */
export function AskDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const client = useQueryClient()

  async function submit(form: FormData) {
    await ask(String(form.get('resourceId')), String(form.get('justification')), Number(form.get('duration')))
    await refresh(client, ['lockbox'])
    toast(t.asked)
    onClose()
  }

  return (
    <Dialog title={t.ask} isOpen={isOpen} onClose={onClose}>
      <p>{t.askText}</p>
      <Form onSubmit={submit} submitLabel={t.ask} onCancel={onClose}>
        <TextField label={t.workspace} description={t.workspaceHelp} name="resourceId" isRequired />
        <TextArea label={t.why} name="justification" isRequired />
        <NumberField label={t.hours} name="duration" defaultValue={4} minValue={1} maxValue={24} isRequired />
      </Form>
    </Dialog>
  )
}
