import { lazy, Suspense } from 'react'
import { t } from '@/i18n/en/access'
import { Dialog, Loading } from '@/ui'
import type { RoleFormProps } from './RoleForm'

const RoleForm = lazy(() => import('./RoleForm').then(({ RoleForm: part }) => ({ default: part })))

/** Makes a role of one's own, or changes one. */
export function RoleDialog({ isOpen, ...form }: RoleFormProps & { readonly isOpen: boolean }) {
  const title = form.origin && !form.isCopy ? t.editRole(form.origin.properties.roleName) : t.createRole
  return (
    <Dialog title={title} isOpen={isOpen} onClose={form.onClose} size="wide">
      <Suspense fallback={<Loading />}>
        <RoleForm {...form} />
      </Suspense>
    </Dialog>
  )
}
