import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { armList, armPut } from '@/api/arm'
import { WORKSPACE_VERSION } from '@/api/workspaces'
import { SubscriptionSelect, useSubscription } from '@/app/SubscriptionSelect'
import { t } from '@/i18n/en/workspaces'
import { ComboBox, Dialog, Form, NumberField, TextField, toast } from '@/ui'

const GROUP_VERSION = '2022-09-01'

interface Props {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Makes a workspace, and the resource group that it names if there is none of that name. */
export function CreateDialog({ isOpen, onClose }: Props) {
  return (
    <Dialog title={t.create} isOpen={isOpen} onClose={onClose}>
      <CreateForm onClose={onClose} />
    </Dialog>
  )
}

function CreateForm({ onClose }: { readonly onClose: () => void }) {
  const client = useQueryClient()
  const [chosen, setChosen] = useState('')
  const { id: subscription } = useSubscription(chosen)
  const groups = useQuery({
    queryKey: ['resource groups', subscription],
    queryFn: ({ signal }) => armList(`${subscription}/resourcegroups`, GROUP_VERSION, signal),
    enabled: subscription !== '',
  })
  const [group, setGroup] = useState('')

  async function submit(form: FormData) {
    const location = String(form.get('location'))
    const name = String(form.get('name'))
    const groupId = `${subscription}/resourceGroups/${encodeURIComponent(group)}`
    if (!groups.data?.some((one) => one.name.toLowerCase() === group.toLowerCase())) {
      await armPut(groupId, GROUP_VERSION, { location })
    }
    await armPut(
      `${groupId}/providers/Microsoft.OperationalInsights/workspaces/${encodeURIComponent(name)}`,
      WORKSPACE_VERSION,
      { location, properties: { retentionInDays: Number(form.get('retentionInDays')) } },
    )
    await refresh(client, ['scopes'])
    toast(t.created(name))
    onClose()
  }

  return (
    <Form onSubmit={submit} submitLabel={t.create} onCancel={onClose}>
      <TextField autoFocus label={t.name} description={t.nameHelp} name="name" isRequired />
      <SubscriptionSelect value={subscription} onChange={setChosen} />
      <ComboBox
        label={t.group}
        description={t.groupHelp}
        items={(groups.data ?? []).map((one) => ({ id: one.name, label: one.name }))}
        inputValue={group}
        onSearch={setGroup}
        onChange={setGroup}
        allowsCustomValue
        isRequired
      />
      <TextField
        label={t.location}
        description={t.locationHelp}
        name="location"
        defaultValue={groups.data?.[0]?.location ?? 'local'}
        key={groups.data?.[0]?.location}
        isRequired
      />
      <NumberField label={t.retention} name="retentionInDays" defaultValue={30} minValue={7} maxValue={730} />
    </Form>
  )
}
