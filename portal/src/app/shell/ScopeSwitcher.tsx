import { useQuery } from '@tanstack/react-query'
import { ChevronDown } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components'
import { t } from '@/i18n/en/shell'
import { Loading } from '@/ui'
import { useScope } from '../scope'
import { workspaceQuery } from '../scopes'
import { useSession } from '../session'
import { useDialogs } from './dialogs'
import css from './ScopeSwitcher.module.css'

const ScopeList = lazy(() => import('./ScopeList').then(({ ScopeList: part }) => ({ default: part })))

/** The scope in the breadcrumb, which opens everything that one reaches. */
export function ScopeSwitcher() {
  const { tenant } = useSession()
  const { workspace, workspaces } = useScope()
  const { data: current } = useQuery(workspaceQuery(workspace))
  const isOpen = useDialogs((dialogs) => dialogs.open === 'scope')
  const show = useDialogs((dialogs) => dialogs.show)
  const name = current?.name ?? ''
  const more = workspaces.length > 1 ? t.andMore(workspaces.length - 1) : ''
  const path = [tenant.name, name].filter(Boolean).join(' › ')
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={(open) => show(open ? 'scope' : null)}>
      <Button className={css['button']!} aria-label={t.scopeIs(`${path} ${more}`.trim())}>
        <span className={css['tenant']}>{tenant.name}</span>
        {name && (
          <>
            <span className={css['divider']} aria-hidden>
              ›
            </span>
            <span className={css['workspace']}>{name}</span>
          </>
        )}
        {more && <span className={css['more']}>{more}</span>}
        <ChevronDown aria-hidden />
      </Button>
      <Popover placement="bottom start" offset={4} className={css['popover']!}>
        <Dialog aria-label={t.scope} className={css['dialog']!}>
          {({ close }) => (
            <Suspense fallback={<Loading />}>
              <ScopeList onChosen={close} />
            </Suspense>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}
