import { PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import { Link } from 'react-aria-components'
import { t } from '@/i18n/en/shell'
import { usePreferences } from '@/lib/preferences'
import { cx, IconButton } from '@/ui'
import css from './Navigation.module.css'
import { useCurrentLink, useNavigation, type LinkGroup, type NavigationLink } from './useNavigation'

/** The rail: icons and words, wide when it is pinned. */
export function Navigation() {
  const groups = useNavigation()
  const isPinned = usePreferences((preferences) => preferences.isNavigationPinned)
  const change = usePreferences((preferences) => preferences.change)
  return (
    <nav aria-label={t.mainNavigation} data-pane className={cx(css['rail'], isPinned && css['pinned'])}>
      <div className={css['groups']}>
        <Groups groups={groups} />
      </div>
      <div className={css['foot']}>
        <IconButton
          label={isPinned ? t.unpin : t.pin}
          icon={isPinned ? <PanelLeftClose aria-hidden /> : <PanelLeftOpen aria-hidden />}
          onPress={() => change({ isNavigationPinned: !isPinned })}
        />
      </div>
    </nav>
  )
}

/** All groups under their headings; `onPress` closes the drawer that they may be in. */
export function Groups({ groups, onPress }: { groups: readonly LinkGroup[]; onPress?: () => void }) {
  const current = useCurrentLink(groups)
  return groups.map((group) => (
    <section key={group.label} className={css['group']} aria-label={group.label}>
      <h2 className={css['heading']}>{group.label}</h2>
      <ul className={css['entries']}>
        {group.links.map((link) => (
          <li key={link.route}>
            <Entry link={link} isCurrent={link === current} {...(onPress ? { onPress } : {})} />
          </li>
        ))}
      </ul>
    </section>
  ))
}

/** The first entries, at the bottom of a narrow screen. */
export function BottomBar() {
  const groups = useNavigation()
  const current = useCurrentLink(groups)
  const first = groups.flatMap((group) => group.links).slice(0, 4)
  return (
    <nav aria-label={t.navigation} className={css['bottom']}>
      {first.map((link) => (
        <Entry key={link.route} link={link} isCurrent={link === current} />
      ))}
    </nav>
  )
}

function Entry({
  link,
  isCurrent,
  onPress,
}: {
  link: NavigationLink
  isCurrent: boolean
  onPress?: () => void
}) {
  const { label, icon: Icon, href } = link
  return (
    <Link
      href={href}
      className={css['entry']!}
      {...(isCurrent ? { 'aria-current': 'page' as const } : {})}
      {...(onPress ? { onPress } : {})}
    >
      <Icon aria-hidden />
      <span className={css['word']}>{label}</span>
    </Link>
  )
}
