import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { scopesQuery, useWorkspace } from '@/app/scopes'
import { useSession } from '@/app/session'
import { t } from '@/i18n/en/access'
import { useUrlState } from '@/lib/url-state'
import { ComboBox, EmptyState, Loading, Page, Tabs } from '@/ui'
import { Assignments } from './Assignments'
import { placeOf, tableOf, withTable, workspaceOf } from './places'
import { Roles } from './Roles'
import { TableBox } from './TableBox'
import css from './access.module.css'

const Why = lazy(() => import('./Why').then(({ Why: part }) => ({ default: part })))
const Classic = lazy(() => import('./Classic').then(({ Classic: part }) => ({ default: part })))

/** Roles at a scope, what each permits, and the server's own account of a decision. */
export function Access() {
  const current = useWorkspace()
  const [named, setScope] = useUrlState('scope')
  const [tab, setTab] = useUrlState('tab')
  const scope = named || (current.data?.id ?? '')

  return (
    <Page title={t.access} description={t.description}>
      <ScopeFields key={scope} scope={scope} onChange={setScope} />
      {scope === '' &&
        (current.isLoading ? <Loading /> : <EmptyState title={t.noScope} text={t.noScopeText} />)}
      {scope !== '' && (
        <Tabs
          label={t.access}
          selected={tab || 'assignments'}
          onChange={(next) => setTab(next, { replace: true })}
          items={[
            { id: 'assignments', label: t.assignments, content: <Assignments scope={scope} /> },
            { id: 'roles', label: t.roles, content: <Roles scope={scope} /> },
            { id: 'why', label: t.why, content: later(<Why key={scope} scope={scope} />) },
            { id: 'classic', label: t.classic, content: later(<Classic scope={scope} />) },
          ]}
        />
      )}
    </Page>
  )
}

/** Loaded when its tab is opened. */
function later(content: ReactNode): ReactNode {
  return <Suspense fallback={<Loading />}>{content}</Suspense>
}

interface ScopeFieldsProps {
  readonly scope: string
  readonly onChange: (scope: string) => void
}

/** The scope, as the tenant or one of the places that the reader reaches and, below a workspace, a table. */
function ScopeFields({ scope, onChange }: ScopeFieldsProps) {
  const { tenant } = useSession()
  const place = placeOf(scope)
  const workspace = workspaceOf(scope)
  const [search, setSearch] = useState<string>()
  const { data } = useQuery(scopesQuery(search ?? ''))
  const found = (data?.value ?? []).map((item) => ({ id: item.id, label: item.name, description: item.path }))
  const items = [{ id: '/', label: tenant.name, description: t.wholeTenant }, ...found]
  const known = items.find((item) => item.id.toLowerCase() === place.toLowerCase())
  return (
    <div className={css['scope']}>
      <ComboBox
        label={t.scope}
        description={t.scopeHelp}
        items={items}
        value={known?.id ?? place}
        onChange={onChange}
        inputValue={search ?? known?.label ?? place}
        onSearch={setSearch}
      />
      {workspace !== '' && (
        <TableBox
          workspace={workspace}
          value={tableOf(scope)}
          onChange={(table) => onChange(withTable(place, table))}
        />
      )}
    </div>
  )
}
