import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useScope } from '@/app/scope'
import { scopesQuery, workspaceQuery } from '@/app/scopes'
import { t } from '@/i18n/en/access'
import { useUrlState } from '@/lib/url-state'
import { ComboBox, Loading, Page, Tabs, TextField } from '@/ui'
import { Assignments } from './Assignments'
import { placeOf, tableOf, withTable } from './places'
import { Roles } from './Roles'
import { Why } from './Why'
import css from './access.module.css'

/** Roles at a scope, what each permits, and the server's own account of a decision. */
export function Access() {
  const { workspace } = useScope()
  const current = useQuery(workspaceQuery(workspace))
  const [named, setScope] = useUrlState('scope')
  const [tab, setTab] = useUrlState('tab')
  const scope = named || (current.data?.id ?? '')

  return (
    <Page title={t.access} description={t.description}>
      <ScopeFields key={scope} scope={scope} onChange={setScope} />
      {scope === '' ? (
        <Loading />
      ) : (
        <Tabs
          label={t.access}
          selected={tab || 'assignments'}
          onChange={(next) => setTab(next, { replace: true })}
          items={[
            { id: 'assignments', label: t.assignments, content: <Assignments scope={scope} /> },
            { id: 'roles', label: t.roles, content: <Roles scope={scope} /> },
            { id: 'why', label: t.why, content: <Why key={scope} scope={scope} /> },
          ]}
        />
      )}
    </Page>
  )
}

/** The scope, as one of the places that the reader reaches and, below a workspace, a table. */
function ScopeFields({
  scope,
  onChange,
}: {
  readonly scope: string
  readonly onChange: (scope: string) => void
}) {
  const table = tableOf(scope)
  const place = placeOf(scope)
  const [search, setSearch] = useState<string>()
  const { data } = useQuery(scopesQuery(search ?? ''))
  const known = data?.value.find((item) => item.id.toLowerCase() === place.toLowerCase())
  return (
    <div className={css['scope']}>
      <ComboBox
        label={t.scope}
        description={t.scopeHelp}
        items={(data?.value ?? []).map((item) => ({ id: item.id, label: item.name, description: item.path }))}
        value={place}
        onChange={onChange}
        inputValue={search ?? known?.name ?? place}
        onSearch={setSearch}
      />
      {place.includes('/workspaces/') && (
        <TextField
          label={t.table}
          placeholder={t.allTables}
          isCode
          defaultValue={table}
          onBlur={(event) => {
            const name = (event.target as HTMLInputElement).value.trim()
            if (name !== table) onChange(withTable(place, name))
          }}
        />
      )}
    </div>
  )
}
