import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { principalsQuery } from '@/api/principals'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/access'
import { ComboBox, Dialog, Form, Select, TextArea, toast } from '@/ui'
import { give, rolesQuery } from './api'
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
  const [search, setSearch] = useState('')
  const [principalId, setPrincipal] = useState('')
  const [roleName, setRole] = useState('')
  const roles = useQuery(rolesQuery(scope))
  const principals = useQuery(principalsQuery(search))
  const role = roles.data?.find((one) => one.name === roleName)
  const who = principals.data?.find((one) => one.id === principalId)

  async function submit(form: FormData) {
    if (!role) return
    await give(scope, { principalId, roleDefinitionId: role.id, condition: String(form.get('condition')) })
    toast(t.given(who?.displayName ?? principalId, role.properties.roleName))
    onClose()
    await refresh(client, ['access', 'assignments'])
  }

  return (
    <Form
      onSubmit={submit}
      submitLabel={t.give}
      onCancel={onClose}
      isDisabled={principalId === '' || roleName === ''}
    >
      <ComboBox
        label={t.who}
        description={t.whoHelp}
        items={(principals.data ?? []).map((one) => ({
          id: one.id,
          label: one.displayName,
          ...(one.userPrincipalName ? { description: one.userPrincipalName } : {}),
        }))}
        value={principalId}
        onChange={(id) => {
          setPrincipal(id)
          setSearch(principals.data?.find((one) => one.id === id)?.displayName ?? search)
        }}
        inputValue={search}
        onSearch={setSearch}
      />
      <Select
        label={t.role}
        items={(roles.data ?? []).map((one) => ({ id: one.name, label: one.properties.roleName }))}
        value={roleName || null}
        onChange={setRole}
      />
      {role && <RolePermissions role={role} />}
      <TextArea label={t.condition} description={t.conditionHelp} name="condition" rows={2} isCode />
    </Form>
  )
}
