import { useQuery } from '@tanstack/react-query'
import { CircleHelp, Search } from 'lucide-react'
import { Button, Link } from 'react-aria-components'
import { t } from '@/i18n/en/shell'
import { Badge, cx, IconButton } from '@/ui'
import { useScope } from '../scope'
import { workspaceQuery } from '../scopes'
import { useSession } from '../session'
import { useDialogs } from './dialogs'
import { Drawer } from './Drawer'
import { NoticesBell } from './NoticesBell'
import { ScopeSwitcher } from './ScopeSwitcher'
import css from './TopBar.module.css'
import { useCurrentLink, useNavigation } from './useNavigation'
import { UserMenu } from './UserMenu'

/** Where one is, the way to everything else, and one's own account. */
export function TopBar() {
  const show = useDialogs((dialogs) => dialogs.show)
  const current = useCurrentLink(useNavigation())
  const relation = useRelation()
  const { tenant } = useSession()
  return (
    <header className={cx(css['bar'], relation !== 'home' && css['foreign'])} data-pane>
      <Drawer />
      <Link href="/" className={css['product']!}>
        {t.product}
      </Link>
      <nav aria-label={t.breadcrumb} className={css['breadcrumb']}>
        <ScopeSwitcher />
        {relation !== 'home' && (
          <span title={t.foreignScope(tenant.name)}>
            <Badge tone="info">{t[relation]}</Badge>
          </span>
        )}
        {current && (
          <span className={css['page']}>
            <span aria-hidden>›</span> {current.label}
          </span>
        )}
      </nav>
      <Button className={css['search']!} onPress={() => show('palette')}>
        <Search aria-hidden />
        <span className={css['searchWords']}>{t.searchOrJump}</span>
        <kbd>Ctrl K</kbd>
      </Button>
      <NoticesBell />
      <span className={css['wide']}>
        <IconButton label={t.help} icon={<CircleHelp aria-hidden />} onPress={() => show('keys')} />
      </span>
      <UserMenu />
    </header>
  )
}

/** How one is related to where one acts: at home, as a guest, or by delegation. */
function useRelation(): 'home' | 'guest' | 'delegated' {
  const { tenant, tenants } = useSession()
  const { workspace } = useScope()
  const { data } = useQuery(workspaceQuery(workspace))
  const kind = tenants.find(({ id }) => id === tenant.id)?.kind ?? 'home'
  return kind === 'home' ? (data?.relation ?? 'home') : kind
}
