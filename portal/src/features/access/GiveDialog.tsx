import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/access'
import { Dialog, Form, TextArea, toast } from '@/ui'
import { give, rolesQuery } from './api'
import { namesQuery } from '@/api/principals'
import { PersonBox } from './PersonBox'
import { RoleBox } from './RoleBox'
import { RolePermissions } from './RolePermissions'

interface Props {
  readonly scope: string
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Gives somebody a role at a scope, with what it permits in sight. */
export function GiveDialog({ scope, isOpen, onClose }: Props) {
  return (
    <Dialog title={t.give} isOpen={isOpen} onClose={onClose} size="wide">
      <GiveForm scope={scope} onClose={onClose} />
    </Dialog>
  )
}

function GiveForm({ scope, onClose }: { readonly scope: string; readonly onClose: () => void }) {
  const client = useQueryClient()
  const [principalId, setPrincipal] = useState('')
  const [roleDefinitionId, setRole] = useState('')
  const roles = useQuery(rolesQuery(scope))
  const names = useQuery(namesQuery(principalId === '' ? [] : [principalId]))
  const role = roles.data?.find((one) => one.id === roleDefinitionId)

  async function submit(form: FormData) {
    if (!role) return
    await give({ scope, principalId, roleDefinitionId, condition: String(form.get('condition')) })
    toast(t.given(names.data?.get(principalId)?.name ?? principalId, role.properties.roleName))
    onClose()
    await refresh(client, ['access'])
  }

  return (
    <Form
      onSubmit={submit}
      submitLabel={t.give}
      onCancel={onClose}
      isDisabled={principalId === '' || roleDefinitionId === ''}
    >
      <PersonBox label={t.who} value={principalId} onChange={setPrincipal} />
      <RoleBox scope={scope} value={roleDefinitionId} onChange={setRole} />
      {role && <RolePermissions role={role} />}
      <TextArea label={t.condition} description={t.conditionEmpty} name="condition" rows={2} isCode />
    </Form>
  )
}
