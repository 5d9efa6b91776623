import { useQueryClient } from '@tanstack/react-query'
import { refresh } from '@/api/refresh'
import { startOperation } from '@/app/notices'
import { t } from '@/i18n/en/clusters'
import { Dialog, Form, NumberField, TextField } from '@/ui'
import { createCluster } from './api'

interface Props {
  readonly subscription: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Makes a cluster. It takes a while: the bell shows how far it is. */
export function CreateDialog({ subscription, isOpen, onClose }: Props) {
  const client = useQueryClient()

  async function submit(form: FormData) {
    const name = String(form.get('name'))
    const made = createCluster({
      subscription,
      group: String(form.get('group')),
      name,
      location: String(form.get('location')),
      capacity: Number(form.get('capacity')),
    })
    await startOperation(t.creating(name), made)
    await refresh(client, ['clusters'])
    onClose()
  }

  return (
    <Dialog title={t.create} isOpen={isOpen} onClose={onClose}>
      <Form onSubmit={submit} submitLabel={t.create} onCancel={onClose}>
        <TextField autoFocus label={t.name} name="name" isRequired />
        <TextField label={t.group} name="group" defaultValue="default" isRequired />
        <TextField
          label={t.location}
          description={t.locationHelp}
          name="location"
          defaultValue="local"
          isRequired
        />
        <NumberField
          label={t.capacity}
          description={t.capacityHelp}
          name="capacity"
          defaultValue={1000}
          step={100}
          formatOptions={{ useGrouping: false }}
          isRequired
        />
      </Form>
    </Dialog>
  )
}
