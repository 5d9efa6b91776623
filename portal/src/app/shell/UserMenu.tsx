import { Check, LogOut, UserRound } from 'lucide-react'
import { Button } from 'react-aria-components'
import { t } from '@/i18n/en/shell'
import { usePreferences, type Density, type Theme } from '@/lib/preferences'
import { Menu } from '@/ui'
import { signOut, useSession } from '../session'
import css from './TopBar.module.css'

const THEMES: readonly (readonly [Theme, string])[] = [
  ['light', t.light],
  ['dark', t.dark],
  ['system', t.system],
]
const DENSITIES: readonly (readonly [Density, string])[] = [
  ['comfortable', t.comfortable],
  ['compact', t.compact],
]

export function UserMenu() {
  const { user, tenant } = useSession()
  const { theme, density, change } = usePreferences()
  const chosen = <Check aria-hidden />
  const blank = <span className={css['blank']} />

  return (
    <Menu
      label={t.account(user.name)}
      placement="bottom end"
      trigger={
        <Button
          className={css['person']!}
          aria-label={t.account(user.name)}
          // Drawn by the style sheet: letters in the button would be a part of its name that the name hasn't.
          data-initials={initials(user.name)}
        />
      }
      items={[
        {
          id: 'user',
          label: `${user.userName} · ${tenant.name}`,
          items: [{ id: 'me', label: t.profile, icon: <UserRound aria-hidden />, href: '/me' }],
        },
        {
          id: 'theme',
          label: t.theme,
          items: THEMES.map(([id, label]) => ({
            id,
            label,
            icon: id === theme ? chosen : blank,
            onAction: () => change({ theme: id }),
          })),
        },
        {
          id: 'density',
          label: t.density,
          items: DENSITIES.map(([id, label]) => ({
            id,
            label,
            icon: id === density ? chosen : blank,
            onAction: () => change({ density: id }),
          })),
        },
        { id: 'sign-out', label: t.signOut, icon: <LogOut aria-hidden />, onAction: () => void signOut() },
      ]}
    />
  )
}

function initials(name: string): string {
  const words = name.split(/[\s.@_-]+/).filter(Boolean)
  const [first = '?', second = ''] = words
  return (first[0]! + (second[0] ?? '')).toLocaleUpperCase()
}
