/** A query of a dashboard, run and drawn. */

import { lazy, Suspense, useRef, useState, type Ref } from 'react'
import { t } from '@/i18n/en/dash'
import { formatCount } from '@/lib/format'
import { useTimeZone } from '@/lib/preferences'
import { absoluteTimespan, formatSeconds } from '@/lib/time'
import { ErrorState, Loading, Time } from '@/ui'
import {
  Chart,
  plainRender,
  proposeChart,
  readRender,
  readText,
  UNITS,
  type ChartHandle,
  type ChartTable,
  type Threshold,
  type Unit,
} from '@/viz'
import { useDashboard, workspacesOf } from './context'
import css from './dash.module.css'
import type { QueryItem } from './document'
import { bindQuery, timeRangeOf } from './parameters'
import type { Outcome, Question } from './run'
import { titleOf } from './titles'
import { usePick } from './use-pick'
import { useOnScreen, useOutcome } from './use-outcome'

/** What an item asks, with the parameters put in. */
export function useQuestion(item: QueryItem): { question: Question; problems: readonly string[] } {
  const context = useDashboard()
  const { dashboard, values, known } = context
  const { query, problems } = bindQuery(item.query, dashboard.parameters, values, known)
  return {
    question: {
      query,
      workspaces: workspacesOf(item, context),
      timespan: timeRangeOf(item, dashboard, values),
    },
    problems,
  }
}

interface Props {
  readonly item: QueryItem
  readonly chart: Ref<ChartHandle>
}

export function QueryView({ item, chart }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const isOnScreen = useOnScreen(frame)
  const [wasSeen, setSeen] = useState(false)
  if (isOnScreen && !wasSeen) setSeen(true)
  const { fresh, isWhole } = useDashboard()
  const { question, problems } = useQuestion(item)
  const missing = question.workspaces.length > 0 ? problems : [t.noWorkspaces]
  const { data, error, isFetching, refetch } = useOutcome(
    question,
    (isOnScreen || isWhole) && missing.length === 0,
    fresh,
  )
  return (
    <div
      ref={frame}
      className={css['query']}
      data-state={missing.length > 0 ? 'missing' : error ? 'error' : data ? 'done' : 'waiting'}
      aria-busy={isFetching}
    >
      {missing.length > 0 ? (
        <p className={css['missing']}>{missing.join(' ')}</p>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : data ? (
        <Suspense fallback={<Waiting />}>
          <Drawn item={item} outcome={data} chart={chart} />
        </Suspense>
      ) : (
        <Loading />
      )}
      {data && !error && <Foot outcome={data} isFetching={isFetching} />}
    </div>
  )
}

/** What is drawn comes with its first use. */
function Waiting() {
  return (
    <div data-drawn="false">
      <Loading />
    </div>
  )
}

function Foot({ outcome, isFetching }: { readonly outcome: Outcome; readonly isFetching: boolean }) {
  return (
    <footer className={css['foot']}>
      {outcome.warning && <span className={css['warning']}>{outcome.warning}</span>}
      <span>
        {isFetching
          ? t.running
          : t.cost(formatSeconds(outcome.elapsedSeconds), formatCount(outcome.rowsRead))}
      </span>
      <Time value={outcome.at} format="time" />
    </footer>
  )
}

const TableView = lazy(() => import('./TableView').then(({ TableView: part }) => ({ default: part })))

function Drawn({ item, outcome, chart }: Props & { readonly outcome: Outcome }) {
  const { dashboard, setValues } = useDashboard()
  const timeZone = useTimeZone()
  const pick = usePick(item)
  const visual = item.visual ?? {}
  const render = renderOf(visual, outcome)
  if (render.visualization === 'table') return <TableView item={item} outcome={outcome} />
  const range = dashboard.parameters.find(({ type }) => type === 'timeRange')
  return (
    <Chart
      ref={chart}
      table={outcome.table}
      render={render}
      label={titleOf(item)}
      group={dashboard.id}
      timeZone={timeZone}
      unit={unitOf(visual['unit'])}
      thresholds={thresholdsOf(visual['thresholds'])}
      {...(pick ? { onPick: (row) => pick(textsOf(row, outcome.table)) } : {})}
      {...(range
        ? { onBrush: ({ from, to }) => setValues({ [range.name]: [absoluteTimespan(from, to)] }) }
        : {})}
    />
  )
}

/** What was clicked, as text: a time as ISO 8601. */
function textsOf(row: Readonly<Record<string, unknown>>, { columns }: ChartTable): Record<string, string> {
  const texts = columns.map(({ name, type }) => {
    const value = row[name]
    const isTime = type === 'datetime' && typeof value === 'number'
    return [name, readText(isTime ? new Date(value) : value)]
  })
  return Object.fromEntries(texts) as Record<string, string>
}

const NO_THRESHOLDS: readonly Threshold[] = []

function renderOf(visual: Readonly<Record<string, unknown>>, outcome: Outcome) {
  if (visual['kind'] || visual['visualization']) return readRender(visual)
  if (outcome.render) return { ...readRender(outcome.render), title: null }
  return proposeChart(outcome.table.columns) ?? plainRender('table')
}

function unitOf(unit: unknown): Unit {
  return UNITS.find((each) => each === unit) ?? 'number'
}

function thresholdsOf(value: unknown): readonly Threshold[] {
  return Array.isArray(value) ? (value as Threshold[]) : NO_THRESHOLDS
}
