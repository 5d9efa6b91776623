import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { GridList, GridListItem } from 'react-aria-components'
import { t } from '@/i18n/en/shell'
import { Badge, Button, Checkbox, ErrorState, Loading, SearchField, Time, toast } from '@/ui'
import { useScope } from '../scope'
import { scopesQuery, type ScopeItem } from '../scopes'
import { useSession } from '../session'
import css from './ScopeSwitcher.module.css'
import { MAXIMUM_WORKSPACES, useScopeChange } from './useScopeChange'

const KINDS = { workspace: t.workspace, resourceGroup: t.resourceGroup, subscription: t.subscription }

/** Tenants and workspaces, found by typing; one goes to the pressed one, and ticks more to query together. */
export function ScopeList({ onChosen }: { onChosen: () => void }) {
  const [search, setSearch] = useState('')
  const { data, error, refetch } = useQuery(scopesQuery(useDeferredValue(search)))
  const { goToTenant, goToWorkspace, setAlso } = useScopeChange()
  const { workspace, workspaces } = useScope()
  const session = useSession()
  const words = search.toLocaleLowerCase()
  const tenants = session.tenants.filter(
    ({ name, domain, id }) =>
      id !== session.tenant.id && `${name} ${domain}`.toLocaleLowerCase().includes(words),
  )
  const found = (data?.value ?? []).filter((item) => item.kind === 'workspace' && item.workspaceId)

  function tick(id: string, isTicked: boolean) {
    const also = workspaces.filter((one) => one !== workspace && (isTicked || one !== id))
    if (also.length + 1 >= MAXIMUM_WORKSPACES && isTicked) {
      toast({ title: t.tooMany(MAXIMUM_WORKSPACES), tone: 'warning' })
      return
    }
    setAlso(isTicked ? [...also, id] : also)
  }

  return (
    <div className={css['content']}>
      <SearchField autoFocus label={t.searchScopes} value={search} onChange={setSearch} />
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <GridList
          aria-label={t.scope}
          className={css['list']!}
          onAction={(key) => {
            const [kind, id] = String(key).split('|') as [string, string]
            onChosen()
            if (kind === 'tenant') goToTenant(id)
            else goToWorkspace(found.find((item) => item.workspaceId === id)!)
          }}
          renderEmptyState={() => <p className={css['note']}>{t.noScopes}</p>}
        >
          {found.map((item) => (
            <GridListItem
              key={item.id}
              id={`workspace|${item.workspaceId}`}
              textValue={item.name}
              className={css['item']!}
            >
              <Checkbox
                aria-label={t.queryToo(item.name)}
                isSelected={workspaces.includes(item.workspaceId!)}
                isDisabled={item.workspaceId === workspace}
                onChange={(isTicked) => tick(item.workspaceId!, isTicked)}
              />
              <ItemWords item={item} isCurrent={item.workspaceId === workspace} />
            </GridListItem>
          ))}
          {tenants.map((one) => (
            <GridListItem key={one.id} id={`tenant|${one.id}`} textValue={one.name} className={css['item']!}>
              <span className={css['words']}>
                <span>
                  {one.name} {one.kind !== 'home' && <Badge tone="info">{t[one.kind]}</Badge>}
                </span>
                <span className={css['path']}>{one.domain}</span>
              </span>
            </GridListItem>
          ))}
        </GridList>
      )}
      {workspaces.length > 1 && (
        <p className={css['ticked']}>
          {t.askedTogether(workspaces.length)}
          <Button size="small" variant="quiet" onPress={() => setAlso([])}>
            {t.onlyCurrent}
          </Button>
        </p>
      )}
      {data && data.total > data.value.length && (
        <p className={css['note']}>{t.allWorkspaces(data.value.length, data.total)}</p>
      )}
    </div>
  )
}

function ItemWords({ item, isCurrent }: { item: ScopeItem; isCurrent: boolean }) {
  return (
    <>
      <span className={css['words']}>
        <span>
          {item.name} {isCurrent && <Badge tone="accent">{t.current}</Badge>}{' '}
          {item.relation !== 'home' && <Badge tone="info">{t[item.relation]}</Badge>}
        </span>
        <span className={css['path']} title={KINDS[item.kind]}>
          {[item.tenantName, item.path].filter(Boolean).join(' › ')}
        </span>
      </span>
      <span className={css['path']}>
        {item.lastRecordAt ? <Time value={item.lastRecordAt} format="age" /> : t.noRecords}
      </span>
    </>
  )
}
