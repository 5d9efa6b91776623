/** A dashboard on its page: looked at, kept fresh, and changed. */

import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useReducer, useRef, useState } from 'react'
import { useScope } from '@/app/scope'
import { t } from '@/i18n/en/dash'
import { durationSeconds } from '@/lib/time'
import { useUrlState } from '@/lib/url-state'
import { Button, Page, Select } from '@/ui'
import { Board } from './Board'
import { Context, type DashboardContext } from './context'
import css from './dash.module.css'
import type { Dashboard } from './document'
import { edit, startEditing } from './editing'
import { EditBar } from './EditBar'
import { ItemEditor } from './ItemEditor'
import type { Editing } from './ItemFrame'
import { titleOf } from './titles'
import { JsonPane } from './JsonPane'
import { placeOf } from './layout'
import type { Values } from './parameters'
import { ParameterControls } from './ParameterControls'
import { refreshAll, useRefresh } from './use-outcome'
import { useWholePicture } from './use-picture'
import { useValues } from './use-values'
import { ViewActions } from './ViewActions'
import type { Opened } from './use-opened'

const REFRESHES = Object.entries(t.refreshes).map(([id, label]) => ({ id, label }))

export function DashboardView({ opened }: { readonly opened: Opened }) {
  const [isEditing, setEditing] = useState(false)
  const [state, change] = useReducer(edit, opened.dashboard, startEditing)
  const [isJson, setJson] = useState(false)
  const [itemId, setItemId] = useState<string | null>(null)
  const dashboard = isEditing ? state.present : opened.dashboard
  const context = useDashboardContext(dashboard)
  const page = useRef<HTMLDivElement>(null)
  const picture = useWholePicture(page, dashboard, context.values)
  const [full, setFull] = useUrlState('full')
  const editing = useMemo<Editing | null>(
    () =>
      isEditing
        ? {
            step: (id, key, isSize) => change({ kind: 'step', id, key, isSize }),
            drag: (id, how, columns, rows, gesture) =>
              change({ kind: 'drag', id, how, columns, rows, gesture }),
            edit: setItemId,
            duplicate: (id) => change({ kind: 'duplicate', id }),
            remove: (id) => change({ kind: 'remove', id }),
          }
        : null,
    [isEditing],
  )
  const edited = state.present.items.find(({ id }) => id === itemId)
  const elsewhere = dashboard.items.flatMap((item) => (item.kind === 'parameters' ? item.names : []))
  return (
    <Context value={{ ...context, isWhole: picture.isMaking }}>
      <div ref={page} className={css['page']} data-full={full === '1'}>
        <Page
          title={dashboard.title}
          description={dashboard.description}
          actions={
            isEditing ? (
              <EditBar
                opened={opened}
                state={state}
                change={change}
                isJson={isJson}
                onJson={() => setJson(!isJson)}
                onDone={() => setEditing(false)}
              />
            ) : (
              <>
                <RefreshControl dashboard={dashboard} />
                <ViewActions
                  opened={opened}
                  isFull={full === '1'}
                  onPicture={picture.make}
                  onFull={() => setFull(full === '1' ? '' : '1')}
                  onEdit={() => {
                    change({ kind: 'start', dashboard: opened.dashboard })
                    setEditing(true)
                  }}
                />
              </>
            )
          }
        >
          {opened.isNewer && <p role="status">{t.newerOne}</p>}
          <ParameterControls except={elsewhere} />
          <div className={css['sides']}>
            <Board editing={editing} />
            {isEditing && isJson && (
              <JsonPane
                dashboard={state.present}
                onChange={(next, gesture) => change({ kind: 'put', dashboard: next, gesture })}
              />
            )}
          </div>
          <output className={css['hidden']}>
            {isEditing ? lastMove(state.past.at(-1), state.present) : ''}
          </output>
        </Page>
        {edited && (
          <ItemEditor
            item={edited}
            groups={state.present.items.filter(({ kind }) => kind === 'group')}
            onChange={(item) => change({ kind: 'change', item })}
            onClose={() => setItemId(null)}
          />
        )}
      </div>
    </Context>
  )
}

function useDashboardContext(dashboard: Dashboard): Omit<DashboardContext, 'isWhole'> {
  const { tenant, workspaces } = useScope()
  const [values, setValues] = useValues(dashboard)
  const [known, setAllKnown] = useState<Values>({})
  const setKnown = useCallback(
    (name: string, found: readonly string[]) => setAllKnown((before) => ({ ...before, [name]: found })),
    [],
  )
  const [every] = useRefreshEvery(dashboard)
  const seconds = durationSeconds(every)
  const fresh = seconds === null ? Infinity : seconds * 1000
  const effective = useMemo(() => withFirst(dashboard, values, known), [dashboard, values, known])
  return { dashboard, values: effective, setValues, known, setKnown, workspaces, tenant, fresh }
}

/** Where one value must be chosen and none is, the first that there is. */
function withFirst(dashboard: Dashboard, values: Values, known: Values): Values {
  const open = dashboard.parameters.filter(
    ({ name, type, multi }) =>
      type === 'query' && !multi && values[name]?.length === 0 && known[name]?.[0] !== undefined,
  )
  return { ...values, ...Object.fromEntries(open.map(({ name }) => [name, known[name]?.slice(0, 1) ?? []])) }
}

/** How often it asks anew, as a duration: as the address says, else the dashboard; empty for never. */
function useRefreshEvery(dashboard: Dashboard): [string, (every: string) => void] {
  const [chosen, setChosen] = useUrlState('refresh')
  const every = chosen === '' ? (dashboard.defaults.refresh ?? '') : chosen === 'off' ? '' : chosen
  return [every, setChosen]
}

function RefreshControl({ dashboard }: { readonly dashboard: Dashboard }) {
  const client = useQueryClient()
  const [every, setChosen] = useRefreshEvery(dashboard)
  const again = useCallback(() => refreshAll(client, true), [client])
  useRefresh(durationSeconds(every), again)
  return (
    <>
      <Select
        label={t.refreshEvery}
        isLabelHidden
        items={REFRESHES.map((item) => ({ ...item, id: item.id || 'off' }))}
        value={every || 'off'}
        onChange={setChosen}
      />
      <Button onPress={() => refreshAll(client, false)}>{t.refresh}</Button>
    </>
  )
}

/** Where the item that was moved last is now; for those who can't see it. */
function lastMove(before: Dashboard | undefined, now: Dashboard): string {
  const moved = now.items.find((item) => {
    const old = before?.items.find(({ id }) => id === item.id)
    return old && JSON.stringify(placeOf(old)) !== JSON.stringify(placeOf(item))
  })
  if (!moved) return ''
  const { x, y, w, h } = placeOf(moved)
  return t.moved(titleOf(moved), x, y, w, h)
}
