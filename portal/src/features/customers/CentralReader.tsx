import { ApiError } from '@/api/client'
import { t } from '@/i18n/en/customers'
import { Form, TextField, toast } from '@/ui'
import { onboard } from './onboarding/api'

/** Lets somebody read a customer's records and no others: the same step that onboarding takes for a reader. */
export function CentralReader({ resourceId }: { readonly resourceId: string }) {
  const [workspaceResourceId = '', name = ''] = resourceId.split(/\/customers\//i)

  async function submit(form: FormData) {
    const reader = String(form.get('reader'))
    const told = await onboard({ architecture: 'central', workspaceResourceId }, { name, reader })
    if (told.error) {
      const { code, message, details = [] } = told.error
      throw new ApiError(BAD_REQUEST, code, message, details)
    }
    toast(t.mayRead(reader))
  }

  return (
    <section aria-label={t.reader}>
      <h3>{t.reader}</h3>
      <Form onSubmit={submit} submitLabel={t.letRead}>
        <TextField label={t.readerName} description={t.readerHelp} name="reader" isRequired />
      </Form>
    </section>
  )
}

const BAD_REQUEST = 400
