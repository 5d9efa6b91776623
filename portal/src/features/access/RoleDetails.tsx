import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { refresh } from '@/api/refresh'
import { t } from '@/i18n/en/access'
import { Button, ConfirmDialog, toast } from '@/ui'
import { deleteRole, type Role } from './api'
import css from './access.module.css'
import { RoleDialog } from './RoleDialog'
import { RolePermissions } from './RolePermissions'

interface Props {
  readonly scope: string
  readonly role: Role
  readonly onRemoved: () => void
}

/** What a role permits; one's own may be changed and deleted, and any copied. */
export function RoleDetails({ scope, role, onRemoved }: Props) {
  const client = useQueryClient()
  const [asked, setAsked] = useState<'edit' | 'copy' | 'delete' | null>(null)
  const isOwn = role.properties.type === 'CustomRole'
  const name = role.properties.roleName

  async function confirm() {
    await deleteRole(role)
    toast(t.roleDeleted(name))
    onRemoved()
    await refresh(client, ['access'])
  }

  return (
    <>
      <p className={css['buttons']}>
        {isOwn && <Button onPress={() => setAsked('edit')}>{t.edit}</Button>}
        <Button onPress={() => setAsked('copy')}>{t.copyRole}</Button>
        {isOwn && (
          <Button variant="danger" onPress={() => setAsked('delete')}>
            {t.deleteRole}
          </Button>
        )}
      </p>
      <RolePermissions role={role} />
      <RoleDialog
        scope={scope}
        origin={role}
        isCopy={asked === 'copy'}
        isOpen={asked === 'edit' || asked === 'copy'}
        onClose={() => setAsked(null)}
      />
      <ConfirmDialog
        title={t.deleteRoleTitle}
        isOpen={asked === 'delete'}
        onClose={() => setAsked(null)}
        onConfirm={confirm}
        confirmLabel={t.deleteRole}
        name={name}
      >
        <p>{t.deleteRoleText}</p>
      </ConfirmDialog>
    </>
  )
}
