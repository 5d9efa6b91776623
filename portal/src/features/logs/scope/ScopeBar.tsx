import { useQuery } from '@tanstack/react-query'
import { TriangleAlert, X } from 'lucide-react'
import { useState } from 'react'
import { workspaceQuery } from '@/app/scopes'
import { useDialogs } from '@/app/shell/dialogs'
import { t } from '@/i18n/en/logs'
import { Button } from '@/ui/Button'
import { cx } from '@/ui/cx'
import { IconButton } from '@/ui/IconButton'
import type { Metadata } from '../schema/metadata'
import { useTabs, workspacesOf } from '../tabs/store'
import type { Tab } from '../tabs/tab'
import styles from './scope.module.css'

/** Chips that are shown before somebody asks for all. */
const FEW = 8

interface ScopeBarProps {
  readonly tab: Tab
  readonly metadata: Metadata | undefined
}

/** The workspaces that a query asks, where it asks several; what one of them refuses is said. */
export function ScopeBar({ tab, metadata }: ScopeBarProps) {
  const [showsAll, setShowsAll] = useState(false)
  const openSwitcher = useDialogs(({ show }) => show)
  if (tab.also.length === 0) return null
  const workspaces = workspacesOf(tab)
  const shown = showsAll ? workspaces : workspaces.slice(0, FEW)
  const refusals = new Map(metadata?.refused.map(({ workspace, message }) => [workspace, message]))
  const refused = tab.also.filter((one) => refusals.has(one))
  const setAlso = (also: readonly string[]) => useTabs.getState().change(tab.id, { also })
  return (
    <section aria-label={t.scope.label} className={styles['bar']}>
      <ul className={styles['chips']}>
        {shown.map((id, index) => (
          <Chip
            key={id}
            id={id}
            metadata={metadata}
            refusal={refusals.get(id) ?? null}
            onRemove={index === 0 ? null : () => setAlso(tab.also.filter((one) => one !== id))}
          />
        ))}
      </ul>
      {workspaces.length > FEW && (
        <Button size="small" variant="quiet" onPress={() => setShowsAll(!showsAll)}>
          {showsAll ? t.scope.fewer : t.scope.more(workspaces.length - FEW)}
        </Button>
      )}
      <Button size="small" variant="quiet" onPress={() => openSwitcher('scope')}>
        {t.scope.choose}
      </Button>
      <Button size="small" variant="quiet" onPress={() => setAlso([])}>
        {t.scope.onlyHere}
      </Button>
      {refused.length > 0 && (
        <div role="alert" className={styles['refused']}>
          {refused.map((id) => (
            <Refusal key={id} id={id} metadata={metadata} message={refusals.get(id) ?? ''} />
          ))}
          <p>{t.scope.refusedAll}</p>
          <Button size="small" onPress={() => setAlso(tab.also.filter((one) => !refusals.has(one)))}>
            {t.scope.leaveOut}
          </Button>
        </div>
      )}
    </section>
  )
}

interface ChipProps {
  readonly id: string
  readonly metadata: Metadata | undefined
  readonly refusal: string | null
  /** None for the workspace of the page. */
  readonly onRemove: (() => void) | null
}

function Chip({ id, metadata, refusal, onRemove }: ChipProps) {
  const name = useName(id, metadata)
  return (
    <li className={cx(styles['chip'], refusal !== null && styles['bad'])} title={refusal ?? id}>
      {refusal !== null && <TriangleAlert aria-hidden />}
      <span className={styles['name']}>{name}</span>
      {onRemove && (
        <IconButton
          size="small"
          label={t.scope.remove(name)}
          icon={<X aria-hidden />}
          className={styles['remove']}
          onPress={onRemove}
        />
      )}
    </li>
  )
}

interface RefusalProps {
  readonly id: string
  readonly metadata: Metadata | undefined
  readonly message: string
}

/** Why a workspace can't be queried; the message has its id, which is said by its name where one is known. */
function Refusal({ id, metadata, message }: RefusalProps) {
  const name = useName(id, metadata)
  return <p>{name === id ? message : `${name}: ${message}`}</p>
}

/** What a workspace is called; its id where the person may not know that. */
function useName(id: string, metadata: Metadata | undefined): string {
  const known = metadata?.workspaces.find((one) => [one.id, one.name, one.resourceId].includes(id))
  const isRefused = metadata?.refused.some(({ workspace }) => workspace === id) ?? false
  // One that this account may not query may be another's of the same person, and has its name in the switcher.
  const { data } = useQuery({ ...workspaceQuery(id), enabled: isRefused })
  return known?.name ?? data?.name ?? id
}
